"""SQL text → sqlglot's tree, bounded in size and depth, with located syntax errors."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from sqlglot import Token, TokenType, exp
from sqlglot.dialects.postgres import Postgres
from sqlglot.errors import ParseError, TokenError

from auditor.rules.faults import FaultKind

MAX_CHARACTERS: Final = 20_000
MAX_DEPTH: Final = 200

SUBSET: Final = (
    "allowed: AND OR NOT, = <> < <= > >=, IN, BETWEEN, LIKE, IS [NOT] NULL, IS [NOT] DISTINCT "
    "FROM, CASE, COALESCE, + - * / %, LOWER, UPPER, DATE '…', TIMESTAMP '…', within, touches, "
    "group, in_group, version_at_least, named_like, :parameter"
)

_FRAMES: Final = 20_000
_REMEMBERED: Final = 256
_FLAT: Final = (exp.Paren, exp.If, exp.Column, exp.Identifier, exp.Literal, exp.DataType)
_OPENING: Final = frozenset({TokenType.L_PAREN, TokenType.CASE, TokenType.L_BRACKET})
_CLOSING: Final = frozenset({TokenType.R_PAREN, TokenType.END, TokenType.R_BRACKET})
_PREFIX: Final = frozenset({TokenType.NOT, TokenType.DASH, TokenType.PLUS, TokenType.TILDE})


class SqlFault(Exception):  # noqa: N818 - a fault in a text being read, caught by its reader
    """Something wrong at character `at` of an expression."""

    def __init__(
        self, at: int, message: str, hint: str = "", kind: FaultKind = FaultKind.INVALID_SQL
    ) -> None:
        super().__init__(message)
        self.at = at
        self.message = message
        self.hint = hint
        self.kind = kind


class TypeFault(SqlFault):
    """Parts that do not fit together by type."""

    def __init__(self, at: int, message: str, hint: str = "") -> None:
        super().__init__(at, message, hint, FaultKind.WRONG_TYPE)


@dataclass(frozen=True, slots=True)
class Parsed:
    """An expression as sqlglot sees it, and the tokens it was made from."""

    sql: str
    tree: exp.Expression
    tokens: tuple[Token, ...]

    def at(self, node: exp.Expression) -> int:
        """Where `node` starts, as far as its parts know where they stand."""
        starts = [start for part in node.dfs() if (start := self._start(part)) is not None]
        return min(starts, default=self.tokens[0].start if self.tokens else 0)

    def _start(self, part: exp.Expr) -> int | None:
        if isinstance(part, exp.Placeholder):
            return self._placeholder(part.name)
        start = part.meta.get("start")
        return start if isinstance(start, int) else None

    def name_at(self, start: int) -> str:
        """The word that stands at character `start`."""
        word = re.match(r"\w+", self.sql[start:])
        return word.group() if word else self.sql[start : start + 1]

    def before(self, start: int) -> Token | None:
        """The token before the one that starts at `start`."""
        earlier = [token for token in self.tokens if token.start < start]
        return earlier[-1] if earlier else None

    def _placeholder(self, name: str) -> int:
        found = re.search(rf":\s*{re.escape(name)}\b", self.sql)
        return found.start() if found else 0


@contextmanager
def room_to_recurse() -> Iterator[None]:
    """Room on Python's stack for `MAX_DEPTH` levels of a recursive-descent parser."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, _FRAMES))
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)


@lru_cache(maxsize=_REMEMBERED)
def parse_expression(sql: str) -> Parsed:
    """Parse one SQL expression; a rule's are asked for when it is checked and when it is compiled.

    Raises:
        SqlFault: it is empty, too long, nested too deep or not SQL.
    """
    if len(sql) > MAX_CHARACTERS:
        raise SqlFault(0, f"longer than {MAX_CHARACTERS} characters", kind=FaultKind.TOO_LARGE)
    tokens = _tokens(sql)
    _check_nesting(tokens)
    try:
        trees = Postgres().parser().parse_into(exp.Condition, tokens, sql)
    except ParseError as error:
        raise _syntax_fault(error, tokens) from error
    except RecursionError as error:
        raise _too_deep(0) from error
    tree = trees[0] if trees else None
    if not isinstance(tree, exp.Expression):
        raise SqlFault(0, "an expression is missing")
    parsed = Parsed(sql, tree, tuple(tokens))
    _check_depth(parsed)
    return parsed


def _tokens(sql: str) -> list[Token]:
    try:
        tokens = Postgres().tokenize(sql)
    except TokenError as error:
        raise SqlFault(_unclosed(sql), "a quote or comment is not closed") from error
    if not tokens:
        raise SqlFault(0, "an expression is missing")
    for token in tokens:
        if token.token_type is TokenType.SEMICOLON:
            raise SqlFault(token.start, "one expression only: ';' is not allowed")
        if token.token_type is TokenType.DCOLON:
            raise SqlFault(token.start, "casts are not in the subset", SUBSET)
    return tokens


def _unclosed(sql: str) -> int:
    """Where the quote or comment opens that has no end."""
    spans = re.compile(r"'[^']*'|\"[^\"]*\"|/\*.*?\*/|--[^\n]*", re.DOTALL)
    left = spans.sub(lambda span: " " * len(span.group()), sql)
    found = re.search(r"['\"]|/\*", left)
    return found.start() if found else 0


def _check_nesting(tokens: list[Token]) -> None:
    depth = run = 0
    for token in tokens:
        run = run + 1 if token.token_type in _PREFIX else 0
        if token.token_type in _OPENING:
            depth += 1
        elif token.token_type in _CLOSING:
            depth -= 1
        if depth + run > MAX_DEPTH:
            raise _too_deep(token.start)


def _check_depth(parsed: Parsed) -> None:
    """Bound the tree's depth; brackets, leaves and chains of one connector do not count."""
    todo: list[tuple[exp.Expression, int]] = [(parsed.tree, 0)]
    while todo:
        node, depth = todo.pop()
        if depth > MAX_DEPTH:
            raise _too_deep(parsed.at(node))
        for child in node.iter_expressions():
            is_flat = isinstance(child, _FLAT) or (
                isinstance(node, exp.Connector) and type(child) is type(node)
            )
            todo.append((child, depth if is_flat else depth + 1))


def _too_deep(at: int) -> SqlFault:
    return SqlFault(at, f"nested more than {MAX_DEPTH} deep", kind=FaultKind.TOO_LARGE)


def _syntax_fault(error: ParseError, tokens: list[Token]) -> SqlFault:
    opened: list[Token] = []
    for token in tokens:
        if token.token_type is TokenType.L_PAREN:
            opened.append(token)
        elif token.token_type is TokenType.R_PAREN and opened:
            opened.pop()
    if opened:
        return SqlFault(opened[-1].start, "not SQL: this parenthesis is never closed", SUBSET)
    detail = error.errors[0] if error.errors else {}
    place = (detail.get("line"), detail.get("col"))
    token = next((t for t in tokens if (t.line, t.col) == place), tokens[-1])
    return SqlFault(token.start, f"not SQL near {token.text!r}", SUBSET)
