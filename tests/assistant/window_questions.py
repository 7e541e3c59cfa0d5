"""Sixty questions and how a reporter would want their time words read: the one copy, for the tests and for measuring.

The expectations were written before any code read the questions; one, of 'this week', was changed afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

# A Wednesday. Where nothing else is said, the questions are asked on this day.
ASKED_ON = date(2022, 6, 15)


@dataclass(frozen=True, slots=True)
class WindowQuestion:
    """A question with the expected days, written 'since..until', an open side empty; None where none are wanted."""

    text: str
    filter: str | None = None
    preference: str | None = None
    newest_first: bool = False
    present: bool = False


def _undated(text: str, *, present: bool = True, newest_first: bool = False) -> WindowQuestion:
    return WindowQuestion(text, newest_first=newest_first, present=present)


_SUBJECTS = (
    _undated("Who chairs the January 6 committee?"),
    _undated("Who won the 2020 election in Georgia?", present=False),
    _undated("How many people died in the 1994 genocide in Rwanda?", present=False),
    _undated("Where was the 2018 World Cup held?", present=False),
    _undated("Which member of the Class of 2008 became governor?", present=False),
    _undated("How did 9/11 change airport security?", present=False),
    _undated("Who planted the bombs at the Boston Marathon 2013?", present=False),
    _undated("What did Resolution 2024 of the Security Council demand?"),
    _undated("How much is the bridge worth in 2019 dollars?"),
    _undated("Which engines does the Boeing 737 MAX use?"),
    _undated("What did Apollo 11 bring back from the Moon?"),
    _undated("Who was shot on Bloody Sunday?", present=False),
    _undated("What did The Sunday Times say about the minister's flat?"),
    _undated("How much did shoppers spend on Black Friday?"),
    _undated("Which streets close for the Fourth of July parade?"),
    _undated("Which city hosts the next Summer Olympics?"),
    _undated("Did Cyber Monday break a sales record?"),
    _undated("Who won the most delegates on Super Tuesday?"),
    _undated("Who organised the March for Our Lives?"),
    _undated("May protesters gather outside the court?"),
    _undated("What did Theresa May say about the protocol?"),
    _undated("Has April Jones been found?"),
    _undated("Who is the author of the novel 1984?"),
    _undated("What is in the Good Friday Agreement?"),
)

_PUBLISHED = (
    WindowQuestion("Which articles published in May 2022 mention the Skelby ferry?", "2022-05-01..2022-05-31"),
    WindowQuestion("Summarise the articles from last week about the dock strike.", "2022-06-06..2022-06-12"),
    WindowQuestion("What did Reuters report on 3 March about the pipeline?", "2022-03-03..2022-03-03"),
    WindowQuestion("Which mergers were reported by the Guardian between October 3 and 5?", "2021-10-03..2021-10-05"),
    WindowQuestion("According to coverage of June 2021, who led the polls?", "2021-06-01..2021-06-30"),
    WindowQuestion("What was in yesterday's paper about the harbour?", "2022-06-14..2022-06-14"),
    WindowQuestion("What has the Herald written since April about the mayor?", "2022-04-01..2022-06-15", present=True),
    WindowQuestion("Show me stories published before 2020 on the dam.", "..2019-12-31"),
    WindowQuestion("What did the Financial Times write in 2021 about the grain deal?", "2021-01-01..2021-12-31"),
)

# Reports of an event appear from the day before it, where the outlet's clock is behind, until days after.
_DATED_EVENTS = (
    WindowQuestion("What happened in Iraq on 3 January 2020?", "2020-01-02..2020-01-10"),
    WindowQuestion("Which cities went into lockdown in March 2020?", "2020-03-01..2020-04-14"),
    WindowQuestion("What happened between 24 February and 2 March 2022 in Kharkiv?", "2022-02-23..2022-03-09"),
    WindowQuestion("Who died on 6 June 1944?", preference="1944-06-05..1944-06-13"),
    WindowQuestion("Who became prime minister in 1987?", preference="1987-01-01..1988-03-30"),
    WindowQuestion("Which banks failed in 2008?", preference="2008-01-01..2009-03-31"),
    WindowQuestion("What was decided before 3 May 2022 about the embargo?", "..2022-05-09"),
    WindowQuestion("Who had been minister as of 3 May 2022?", "..2022-05-03"),
    WindowQuestion("What has changed in the law since March?", "2022-03-01..2022-06-15", present=True),
    WindowQuestion("Which measures took effect after 1 June?", "2022-06-02..2022-06-15"),
    WindowQuestion("How did inflation in April compare to May?", preference="2022-04-01..2022-06-14"),
)

_RELATIVE = (
    WindowQuestion("Who resigned last Thursday?", "2022-06-08..2022-06-15"),
    WindowQuestion("What did the court rule yesterday?", "2022-06-13..2022-06-15"),
    # 'Two weeks ago' is a way of speaking: the week of that day, opened three days early.
    WindowQuestion("Which bridge collapsed two weeks ago?", "2022-05-27..2022-06-12"),
    WindowQuestion("What happened at the harbour in the past three days?", "2022-06-12..2022-06-15", present=True),
    WindowQuestion("Who won the Kenyan vote last month?", "2022-05-01..2022-06-14"),
    WindowQuestion("What did ministers agree over the weekend?", "2022-06-10..2022-06-15"),
    WindowQuestion("Why did the strike end last year?", preference="2021-01-01..2022-03-31"),
    WindowQuestion("What happened to bread prices last summer?", preference="2021-06-01..2021-10-30"),
)

_NOW = (
    WindowQuestion("Which chip maker was just bought by a rival?", preference="2022-06-08..2022-06-15", present=True),
    WindowQuestion("What has been happening lately in the Sahel?", preference="2022-05-16..2022-06-15", present=True),
    WindowQuestion(
        # Seven days back at least: on a Monday 'this week' is hardly that Monday alone.
        "What is the Supreme Court deciding this week?",
        preference="2022-06-08..2022-06-15",
        present=True,
    ),
    _undated("What is the latest on the Skelby ferry?", newest_first=True),
    _undated("Who runs the port authority now?"),
    _undated("Who is the newest member of NATO?", newest_first=True),
)

_FUTURE = (
    _undated("What is planned in Doha next week?"),
    _undated("How hot will summers be in 2030?"),
)

QUESTIONS = (*_SUBJECTS, *_PUBLISHED, *_DATED_EVENTS, *_RELATIVE, *_NOW, *_FUTURE)
