import pytest

from store.readers.furniture import is_post_footer, is_preamble, is_rule, is_widget


@pytest.mark.parametrize("line", ["---", "* * *", "***", "=====", "_ _ _", "###", "• • •", "-30-", "ENDS", "(END)"])
def test_a_rule_divides(line: str) -> None:
    assert is_rule(line)


@pytest.mark.parametrize(
    "line",
    [
        "Posted by Jane at 10:02 PM",
        "Posted in News on January 2, 2020 by jane",
        "Labels: ferry, harbour",
        "Tags: ferry",
        "No comments:",
        "12 comments",
        "Leave a comment",
        "Older Post",
        "Newer Post Home Older Post",
        "« Older Posts",
        "Subscribe to: Posts (Atom)",
    ],
)
def test_the_foot_of_a_post_is_recognised(line: str) -> None:
    assert is_post_footer(line)


@pytest.mark.parametrize(
    "line",
    [
        "Blog Widget by LinkWithin",
        "Share this",
        "Share this article",
        "Share on Facebook",
        "Email ThisBlogThis!Share to TwitterShare to Facebook",
        "Read more",
        "Read more »",
        "Read more: Ferry sinks",
        "Advertisement",
        "You might also like:",
        "Sign up for our daily newsletter",
        "Facebook",
        "3 hours ago",
        "Published 3 hours ago",
        "Updated: an hour ago",
        "5 min read",
        "© 2020 Example Post. All rights reserved.",
        "FOR IMMEDIATE RELEASE",
    ],
)
def test_a_leftover_of_a_widget_is_recognised(line: str) -> None:
    assert is_widget(line)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "Posted in Port Ellen since 2018, she knows every ferry.",
        "Home is where the ferry goes.",
        "Share this burden, the mayor told the council.",
        "The tags: red and blue.",
        "Read more books, the librarian said.",
        "Two comments were made.",
        "Three hours ago the ferry sank.",
        "- -",
        "home " * 39 + "x",
        "Labels: " + "x" * 300,
    ],
)
def test_prose_is_kept(line: str) -> None:
    assert not is_rule(line)
    assert not is_post_footer(line)
    assert not is_widget(line)


@pytest.mark.parametrize("line", ["Contact: Jane Doe", "Media contact: Jane Doe", "E-mail: x", "From: a@post.example"])
def test_a_line_of_a_mail_or_press_release_is_recognised(line: str) -> None:
    assert is_preamble(line)


@pytest.mark.parametrize("line", ["From: London with love", "Contact", "Telephone lines are down", "To: the editor"])
def test_a_headline_is_no_line_of_a_mail(line: str) -> None:
    assert not is_preamble(line)
