"""What Ebb's own file holds besides tasks: tags with colours, saved filters, and how far its series have come.

What is here already stays as it is: a tag keeps its colour, a filter its query. A series that has gone on in the file
goes on from there, before its tasks come: completing one must not bring a successor that the file brings as well.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from shared.errors import InvalidInput
from shared.filed_series import FiledSeries
from shared.filed_task import Note
from shared.import_series import known_series
from shared.tag_rows import add_tag, find_tags
from shared.tags import tag_key
from shared.unit_of_work import UnitOfWork, new_id


async def take_tags(work: UnitOfWork, tags: Sequence[tuple[str, str | None]]) -> None:
    """Make the tags that are not here, each a name and a colour."""
    wanted = {tag_key(name): (name, colour) for name, colour in reversed(tags)}
    known = await find_tags(work, list(wanted))
    for key, (name, colour) in reversed(wanted.items()):
        if key not in known:
            await add_tag(work, new_id(), key, name, colour)


async def take_filters(work: UnitOfWork, filters: Iterable[tuple[str, dict[str, list[str]]]]) -> list[Note]:
    """Save the filters whose names are free; return what could not be taken."""
    from shared.filter_rows import create_filter, list_filters
    from shared.list_inputs import NewFilter

    names = {tag_key(one.name) for one in (await list_filters(work.connection, work.owner.id)).filters}
    left: list[Note] = []
    for name, query in filters:
        if tag_key(name) in names:
            continue
        try:
            await create_filter(work, NewFilter(name=name, query=query))
        except InvalidInput as error:
            left.append(Note(0, None, f"filter {name[:60]!r}: {error}"))
        names.add(tag_key(name))
    return left


async def catch_up(work: UnitOfWork, series: Iterable[FiledSeries]) -> None:
    """Let the series that are here know of the occurrences that the file brings."""
    for wanted in series:
        here = await known_series(work, wanted)
        if here is not None and here.lives and here.last_ordinal < wanted.last_ordinal:
            await work.save_series(replace(here, last_ordinal=wanted.last_ordinal), None)
