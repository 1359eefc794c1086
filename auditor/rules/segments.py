"""Where the operands of AND, OR, NOT and CASE stand in the text of a predicate."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from sqlglot import Token, TokenType

from auditor.rules.ir import Op

_OPENING: Final = frozenset({TokenType.L_PAREN, TokenType.CASE, TokenType.L_BRACKET})
_CLOSING: Final = frozenset({TokenType.R_PAREN, TokenType.END, TokenType.R_BRACKET})
_JOINTS: Final = {Op.AND: TokenType.AND, Op.OR: TokenType.OR}
_BRANCHES: Final = frozenset({TokenType.WHEN, TokenType.THEN, TokenType.ELSE})


@dataclass(frozen=True, slots=True)
class Segment:
    """Some tokens of a predicate; the brackets around all of them are left out.

    Attributes:
        sql: the whole predicate.
        tokens: at least one.
        subject: the text that a simple CASE compares these tokens with; else empty.
    """

    sql: str
    tokens: Sequence[Token]
    subject: str = ""

    @classmethod
    def of(cls, sql: str, tokens: Sequence[Token], subject: str = "") -> "Segment":
        """The tokens without brackets around all of them."""
        while len(tokens) > 2 and _match(tokens) == len(tokens) - 1:  # noqa: PLR2004 - two brackets
            if tokens[0].token_type is not TokenType.L_PAREN:
                break
            tokens = tokens[1:-1]
        return cls(sql, tokens, subject)

    @property
    def at(self) -> int:
        """The character of the predicate at which it starts."""
        return self.tokens[0].start

    @property
    def text(self) -> str:
        """What stands there, its words at most a blank apart, without comments."""
        ends = [self.at, *(token.end + 1 for token in self.tokens)]
        written = "".join(
            (" " if token.start > end else "") + self.sql[token.start : token.end + 1]
            for token, end in zip(self.tokens, ends, strict=False)
        )
        return f"{self.subject} = {written}" if self.subject else written

    def operands(self, op: Op) -> list["Segment"]:
        """The operands in the order of a node's; none where the text does not show them apart."""
        if op in _JOINTS:
            return self._operands_of_joint(_JOINTS[op])
        if op is Op.NOT and self.tokens[0].token_type is TokenType.NOT and len(self.tokens) > 1:
            return [Segment.of(self.sql, self.tokens[1:])]
        return self._operands_of_case() if op is Op.CASE else []

    def _operands_of_joint(self, joint: TokenType) -> list["Segment"]:
        cuts = [-1, *_joints(self.tokens, joint), len(self.tokens)]
        pieces = [self.tokens[a + 1 : b] for a, b in pairwise(cuts)]
        return [Segment.of(self.sql, piece) for piece in pieces] if all(pieces) else []

    def _operands_of_case(self) -> list["Segment"]:
        if self.tokens[0].token_type is not TokenType.CASE:
            return []
        inside = self.tokens[1:-1]
        cuts = [i for i, depth in _depths(inside) if not depth and _is_branch(inside[i])]
        if not cuts:
            return []
        subject = Segment(self.sql, inside[: cuts[0]]).text if cuts[0] else ""
        found = []
        for a, b in zip(cuts, [*cuts[1:], len(inside)], strict=True):
            is_when = inside[a].token_type is TokenType.WHEN
            found.append(Segment.of(self.sql, inside[a + 1 : b], subject if is_when else ""))
        return found


def _is_branch(token: Token) -> bool:
    return token.token_type in _BRANCHES


def _depths(tokens: Sequence[Token]) -> Iterator[tuple[int, int]]:
    """Index and depth in brackets of every token; a bracket is as deep as what it holds."""
    depth = 0
    for index, token in enumerate(tokens):
        depth += token.token_type in _OPENING
        yield index, depth
        depth -= token.token_type in _CLOSING


def _match(tokens: Sequence[Token]) -> int:
    """Index of the token that closes the first one; -1 where that opens nothing."""
    if tokens[0].token_type not in _OPENING:
        return -1
    depth = 0
    for index, token in enumerate(tokens):
        depth += (token.token_type in _OPENING) - (token.token_type in _CLOSING)
        if depth == 0:
            return index
    return -1


def _joints(tokens: Sequence[Token], joint: TokenType) -> Iterator[int]:
    """Indices of AND or OR outside brackets; the AND of a BETWEEN is none."""
    betweens = 0
    for index, depth in _depths(tokens):
        kind = tokens[index].token_type
        if depth:
            continue
        if kind is TokenType.BETWEEN:
            betweens += 1
        elif kind is TokenType.AND and betweens:
            betweens -= 1
        elif kind is joint:
            yield index
