"""The commands. Each imports what it needs when it runs: ``--help`` must not wait for anything."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from assistant.cli.checking import check
from assistant.cli.comparing import compare
from assistant.cli.configuring import config as configure
from assistant.cli.doctor import doctor
from assistant.cli.entities import entities
from assistant.cli.feeds import feeds
from assistant.cli.indexing import index
from assistant.cli.keeping import backup, export, import_, restore
from assistant.cli.options import (
    Day,
    as_json,
    asked_as_of,
    common,
    confirmed,
    known_names,
    load,
    open_for_reading,
    open_for_writing,
    private_hosts,
    read_place,
    reranked,
    scope_of,
    scoped,
    server_of,
    style_of,
    terminal_of,
    today,
)
from assistant.cli.rebuilding import rebuild
from assistant.cli.timelining import brief, timeline

if TYPE_CHECKING:
    from store.readers import Format

# As store.readers.contents names them, without importing it for --help; a test compares the two.
_FORMATS = "text markdown jsonl json csv tsv html pdf epub docx eml mbox warc".split()
_NO_ANSWER = 1
_NOTHING_ADDED = 2


class _Commands(click.Group):
    """Lists the commands in the order in which a newcomer needs them, and suggests the nearest for a wrong one."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(self.commands)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as exc:
            from difflib import get_close_matches  # only for a typing error

            nearest = get_close_matches(args[0], self.commands, n=1)
            if nearest:
                told = f"{exc.message.rstrip('.')}: did you mean {nearest[0]!r}?"
                raise click.UsageError(told, ctx) from exc
            raise


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="dateline", message="%(prog)s %(version)s")
@common
def dateline() -> None:
    """Ask your archive of news articles, and get answers with checked citations.

    \b
    dateline demo                        try it on sample articles
    dateline add FILE…                   put articles into the archive
    dateline ask "Who confirmed it?"     get a cited answer
    """


@dateline.command()
@click.argument("sources", nargs=-1, required=True)
@click.option("--outlet", metavar="NAME", help="The outlet of articles that name none.")
@click.option("--date", "published", type=Day(), help="The day of publication of articles that name none.")
@click.option("--format", "format_", type=click.Choice(_FORMATS), help="Do not guess the format.")
@click.option(
    "--map", "mapped", multiple=True, metavar="FIELD=NAME",
    help="In dumps, take FIELD (headline, body, published…) from what they call NAME; repeatable.",
)  # fmt: skip
@click.option("--watch", is_flag=True, help="Go on adding what comes into the folder, until Ctrl-C.")
@private_hosts
@click.option("-n", "--dry-run", is_flag=True, help="Show what would be added.")
@click.option("--no-embed", is_flag=True, help="Leave embedding to `dateline embed`.")
@click.option("--download", is_flag=True, help="Fetch the embedding model from its hub if it is not on this machine.")
@click.option("--progress-fd", type=click.IntRange(min=0), hidden=True, help="Write progress there, JSON a line.")
@as_json
@common
@click.pass_context
def add(
    ctx: click.Context,
    sources: tuple[str, ...],
    outlet: str | None,
    published: date | None,
    format_: Format | None,
    mapped: tuple[str, ...],
    watch: bool,
    private_hosts: tuple[str, ...],
    dry_run: bool,
    no_embed: bool,
    download: bool,
    progress_fd: int | None,
    json_: bool,
) -> int:
    """Add articles: files, folders, patterns, web addresses, or - for stdin. Adding again is free and safe.

    \b
    Read are web pages, PDF, EPUB, Word documents, e-mail (.eml, .mbox), text, Markdown,
    and dumps: JSON, JSON Lines, CSV, TSV, WARC, also packed (.gz, .zst, .bz2, .xz).
    """
    from assistant.cli.adding import (
        Inputs,
        add_inputs,
        embed_missing,
        embedder_of,
        progress_of,
        show_found,
        watch_inputs,
    )
    from assistant.config import archive_path
    from store.archive import create_archive
    from store.readers.mapping import parse_mapping

    if watch and (dry_run or len(sources) != 1 or not Path(sources[0]).is_dir()):
        raise click.UsageError("--watch takes one folder, and no --dry-run", ctx)
    terminal, config = terminal_of(ctx), load(ctx)
    progress = progress_of(terminal, progress_fd)
    inputs = Inputs(sources, outlet, published, format_, parse_mapping(mapped), private_hosts)
    if dry_run:
        return show_found(inputs.read(), terminal, json_=json_)
    with create_archive(archive_path(config), embedder=embedder_of(config), server=server_of(config)) as archive:
        if watch:
            watch_inputs(archive, inputs, config, terminal, embeds=not no_embed, json_=json_)
            return 0
        taken = add_inputs(archive, inputs, terminal, progress=progress, json_=json_)
        if not no_embed:
            embed_missing(archive, config, terminal, download=download, progress=progress)
    return 0 if taken else _NOTHING_ADDED


dateline.add_command(feeds)


@dateline.command()
@click.argument("question", required=False)
@scoped
@asked_as_of
@reranked
@click.option("-k", type=click.IntRange(1, 100), help="How many passages to read for an answer.")
@click.option(
    "-m",
    "--model",
    metavar="NAME",
    help="extractive (default), ollama:NAME, openai:NAME, anthropic:NAME, gemini:NAME, local:PATH or a profile.",
)
@click.option("-c", "--continue", "last", is_flag=True, help="Continue the last session: 'why?' is understood.")
@click.option("--session", metavar="NAME", help="Continue the session of that name or id, or start one.")
@click.option("--save/--no-save", default=None, help="Keep the question in a session (default: on a terminal).")
@click.option("--batch", is_flag=True, help="Read a question a line from stdin, print a JSON object a line.")
@click.option("--then-now", is_flag=True, help="Ask as of --as-of and now, and show what changed since.")
@click.option("--no-stream", is_flag=True, help="Print the answer only when it is complete.")
@as_json
@common
@click.pass_context
def ask(
    ctx: click.Context,
    question: str | None,
    since: date | None,
    until: date | None,
    outlets: tuple[str, ...],
    as_of: date | None,
    rerank: bool | None,
    k: int | None,
    model: str | None,
    last: bool,
    session: str | None,
    save: bool | None,
    batch: bool,
    then_now: bool,
    no_stream: bool,
    json_: bool,
) -> int:
    """Answer a question from the archive; every statement is cited, days and outlets that it names are understood.

    Exits with 1 when there is no answer.
    """
    terminal, config = terminal_of(ctx), load(ctx, model=model, k=k, rerank=rerank)
    if bool(question) == batch:
        raise click.UsageError("give one question, or --batch and questions on stdin", ctx)
    if last and session is not None:
        raise click.UsageError("give --continue or --session, not both", ctx)
    if batch and (last or session is not None or save):
        raise click.UsageError("--batch asks each question by itself and saves none", ctx)
    if then_now and (as_of is None or batch or last or session is not None or save):
        raise click.UsageError("--then-now takes --as-of and one question, which is not saved", ctx)
    with open_for_reading(config, session=batch) as archive:
        archive.warm_up(rerank=config.rerank)  # Goes on while the rest is imported.
        from assistant.cli.asking import answerer_of, ask_batch, ask_once, ask_then_and_now, lines_of_stdin
        from assistant.cli.saving import Continued, is_saved_by_default, open_thread

        scope = scope_of(since, until, outlets, as_of)
        answerer = answerer_of(archive, config, today=today())
        if batch:
            return ask_batch(answerer, lines_of_stdin(), scope, terminal)
        text = "".join(lines_of_stdin()) if question == "-" else question or ""
        if then_now:
            return ask_then_and_now(answerer, text, scope, terminal, json_=json_)
        continued = Continued(last, session)
        kept = is_saved_by_default(continued, json_=json_) if save is None else save
        thread = open_thread(config, continued, terminal, save=kept, model=answerer.llm.name)
        return ask_once(answerer, text, scope, terminal, stream=not no_stream, json_=json_, thread=thread)


@dateline.command()
@scoped
@asked_as_of
@reranked
@click.option("-k", type=click.IntRange(1, 100), help="How many passages to read for an answer.")
@click.option("-m", "--model", metavar="NAME", help="As for `ask`; /model changes it on the way.")
@click.option("-c", "--continue", "last", is_flag=True, help="Go on with the last session.")
@click.option("--session", metavar="NAME", help="Go on with the session of that name or id, or start one.")
@click.option("--save/--no-save", default=True, help="Keep what is said in a session (default).")
@common
@click.pass_context
def chat(
    ctx: click.Context,
    since: date | None,
    until: date | None,
    outlets: tuple[str, ...],
    as_of: date | None,
    rerank: bool | None,
    k: int | None,
    model: str | None,
    last: bool,
    session: str | None,
    save: bool,
) -> int:
    """Ask in a conversation, with the sources beside the answers and the articles a key away."""
    if last and session is not None:
        raise click.UsageError("give --continue or --session, not both", ctx)
    from assistant.cli.chatting import chat as run_chat

    config = load(ctx, model=model, k=k, rerank=rerank)
    scope = scope_of(since, until, outlets, as_of)
    config_file = ctx.meta.get("dateline.config")
    return run_chat(config, scope, terminal_of(ctx), session=session, last=last, saves=save, config_file=config_file)


@dateline.command()
@click.argument("query")
@scoped
@asked_as_of
@reranked
@click.option("-k", type=click.IntRange(1, 100), help="How many hits.")
@click.option("--explain", is_flag=True, help="Show how each hit came to its rank.")
@as_json
@common
@click.pass_context
def search(
    ctx: click.Context,
    query: str,
    since: date | None,
    until: date | None,
    outlets: tuple[str, ...],
    as_of: date | None,
    rerank: bool | None,
    k: int | None,
    explain: bool,
    json_: bool,
) -> int:
    """Show the passages that fit a query best; days and outlets that it names are understood."""
    from store.errors import ArchiveEmpty

    terminal, config = terminal_of(ctx), load(ctx, k=k, rerank=rerank)
    with open_for_reading(config) as archive:
        if archive.is_empty():
            raise ArchiveEmpty("the archive holds no article", hint="add some with `dateline add FILE…`")
        archive.warm_up(rerank=config.rerank)  # Goes on while the rest is imported.
        from assistant.rendering import hits_json, hits_text, plan_texts, to_json
        from assistant.searching import plan_for, retrieve

        planned = plan_for(archive, query, scope_of(since, until, outlets, as_of), today=today())
        for line in plan_texts(planned):
            terminal.note(line)
        found = retrieve(archive, planned, config.k, rerank=config.rerank)
    for notice in found.notices:
        terminal.note(notice)
    if json_:
        terminal.say(to_json(hits_json(planned, found.window, found.hits)))
    elif found.hits:
        terminal.say(hits_text(planned.query, found.hits, style_of(terminal), explain=explain))
    else:
        terminal.note("no hit")
    return 0 if found.hits else _NO_ANSWER


dateline.add_command(timeline)
dateline.add_command(compare)
dateline.add_command(brief)


@dateline.command()
@click.argument("place", metavar="ID[:START-END]")
@click.option("--history", is_flag=True, help="Show what was changed in the article since it was added, and when.")
@as_json
@common
@click.pass_context
def show(ctx: click.Context, place: str, history: bool, json_: bool) -> None:
    """Show an article, the place in it that a citation names, or what its publisher changed."""
    from assistant.history import changes_of
    from assistant.rendering import article_json, article_text, history_json, history_text, to_json

    terminal, style = terminal_of(ctx), style_of(terminal_of(ctx))
    article_id, span = read_place(place)
    if history and span is not None:
        raise click.UsageError(f"--history is of a whole article; leave out :{span[0]}-{span[1]}", ctx)
    with open_for_reading(load(ctx)) as archive:
        article = archive.article(article_id)
        if history:
            changes = changes_of(article, archive.history(article.ref.id))
            terminal.say(to_json(history_json(article, changes)) if json_ else history_text(article, changes, style))
            return
    if span is not None and not span[0] < span[1] <= len(article.body):
        raise click.UsageError(f"the article has {len(article.body)} characters, there is no {span[0]}-{span[1]}", ctx)
    terminal.say(to_json(article_json(article)) if json_ else article_text(article, span, style))


@dateline.command("list")
@scoped
@as_json
@common
@click.pass_context
def list_(ctx: click.Context, since: date | None, until: date | None, outlets: tuple[str, ...], json_: bool) -> int:
    """List articles, oldest first."""
    from assistant.planning import filter_of
    from assistant.rendering import articles_text, ref_json, to_json

    terminal = terminal_of(ctx)
    where = filter_of(scope_of(since, until, outlets))
    count = 0
    with open_for_reading(load(ctx)) as archive:
        refs = archive.articles(known_names(archive, where, terminal))
        if json_:
            listed = [ref_json(ref) for ref in refs]
            terminal.say(to_json({"schema": "dateline.articles/1", "articles": listed}))
            return 0 if listed else _NO_ANSWER
        for line in articles_text(refs, style_of(terminal)):
            terminal.say(line)
            count += 1
    if not count:
        terminal.note("no article")
    return 0 if count else _NO_ANSWER


dateline.add_command(entities)


@dateline.command()
@click.argument("ids", nargs=-1, metavar="[ID]…")
@scoped
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@common
@click.pass_context
def remove(
    ctx: click.Context,
    ids: tuple[str, ...],
    since: date | None,
    until: date | None,
    outlets: tuple[str, ...],
    yes: bool,
) -> int:
    """Remove articles by id, or all that the filters leave."""
    from assistant.planning import filter_of

    terminal = terminal_of(ctx)
    where = filter_of(scope_of(since, until, outlets))
    if bool(ids) != where.is_empty:
        raise click.UsageError("name articles by their ids, or by --since, --until, --outlet, --about", ctx)
    with open_for_writing(load(ctx)) as archive:
        where = known_names(archive, where, terminal)
        chosen = [archive.article(i).ref.id for i in ids] if ids else [ref.id for ref in archive.articles(where)]
        if chosen and not ids and not yes and not confirmed(len(chosen), ctx):
            return _NO_ANSWER
        removed = archive.remove(chosen)
    terminal.say(f"{removed:,} removed")
    return 0 if removed else _NO_ANSWER


@dateline.command()
@click.option("--download", is_flag=True, help="Fetch the embedding model from its hub if it is not on this machine.")
@click.option("--progress-fd", type=click.IntRange(min=0), hidden=True, help="Write progress there, JSON a line.")
@common
@click.pass_context
def embed(ctx: click.Context, download: bool, progress_fd: int | None) -> int:
    """Embed what is not embedded yet; it goes on where it stopped."""
    from assistant.cli.adding import embed_missing, embedder_of, progress_of

    terminal, config = terminal_of(ctx), load(ctx)
    progress = progress_of(terminal, progress_fd)
    with open_for_writing(config, embedder=embedder_of(config)) as archive:
        done = embed_missing(archive, config, terminal, download=download, progress=progress)
        counts = archive.counts()
    terminal.say(f"{counts.vectors:,} of {counts.passages:,} passages embedded")
    return 0 if done else 2


@dateline.command()
@as_json
@common
@click.pass_context
def status(ctx: click.Context, json_: bool) -> None:
    """Show what the archive holds and how far embedding is."""
    from assistant.rendering import status_json, status_text, to_json

    terminal = terminal_of(ctx)
    with open_for_reading(load(ctx)) as archive:
        state = archive.status()
    terminal.say(to_json(status_json(state)) if json_ else status_text(state, style_of(terminal)))


@dateline.command()
@click.argument("name", required=False)
@click.option("--search", "text", metavar="TEXT", help="Only those with a turn that holds all these words.")
@click.option("--rename", nargs=2, metavar="OLD NEW", help="Give a session a name, or another one.")
@click.option("--delete", multiple=True, metavar="NAME", help="Delete a session, really; may be repeated.")
@click.option("--all", "all_", is_flag=True, help="List the old ones as well.")
@click.option(
    "--export", "file", metavar="FILE", help="Write the session NAME to FILE.md, FILE.json, a folder, or - for stdout."
)
@click.option("--overwrite", is_flag=True, help="Let --export replace a file.")
@as_json
@common
@click.pass_context
def sessions(
    ctx: click.Context,
    name: str | None,
    text: str | None,
    rename: tuple[str, str] | None,
    delete: tuple[str, ...],
    all_: bool,
    file: str | None,
    overwrite: bool,
    json_: bool,
) -> int:
    """List the saved sessions, of one archive with -a, or show the one with that NAME or id."""
    from assistant.cli import sessions as cli
    from assistant.config import archive_path
    from assistant.session_file import sessions_path
    from assistant.sessions import open_sessions

    if sum(map(bool, (name, text, rename, delete, all_))) > 1:
        raise click.UsageError("give one of NAME, --search, --rename, --delete and --all", ctx)
    if file and not name:
        raise click.UsageError("--export needs the NAME of a session", ctx)
    terminal, config = terminal_of(ctx), load(ctx)
    archive = archive_path(config).resolve() if "dateline.archive" in ctx.meta else None
    with closing(open_sessions(sessions_path(config.home))) as saved:
        if text:
            return cli.search_sessions(saved, archive, text, terminal, json_=json_)
        if rename:
            cli.rename_session(saved, *rename, terminal)
        elif delete:
            cli.delete_sessions(saved, delete, terminal)
        elif name and file:
            cli.export_session(saved, name, file, terminal, overwrite=overwrite, json_=json_)
        elif name:
            cli.show_session(saved, name, terminal, json_=json_)
        else:
            return cli.list_sessions(saved, archive, terminal, all_=all_, json_=json_)
    return 0


@dateline.command()
@as_json
@common
@click.pass_context
def models(ctx: click.Context, json_: bool) -> None:
    """List the models that -m can name: those of the settings, and those that answer on this machine."""
    from assistant.llm.listing import list_models
    from assistant.rendering import models_json, models_text, to_json

    terminal, config = terminal_of(ctx), load(ctx)
    found = list_models(config)
    if json_:
        terminal.say(to_json(models_json(found, config.model)))
        return
    for line in models_text(found, config.model, style_of(terminal)):
        terminal.say(line)
    if len(found) == 1:
        terminal.note("no model server answers on this machine, and no key or profile names one elsewhere")


dateline.add_command(configure)
dateline.add_command(doctor)
dateline.add_command(check)
dateline.add_command(rebuild)
dateline.add_command(index)
dateline.add_command(backup)
dateline.add_command(restore)
dateline.add_command(export)
dateline.add_command(import_)


@dateline.command()
@common
@click.pass_context
def demo(ctx: click.Context) -> int:
    """Make the archive 'demo' of sample articles, answer a first question, and say what to try next."""
    from assistant.cli.demo import run_demo

    return run_demo(terminal_of(ctx), load(ctx))
