"""stub until merged"""

from pressrun.importing.draft import Item, Left


def convert(html: str, line: int, column: int) -> list[Item]:
    return [Left(line, column, "HTML", html)]
