"""Users who have posts, comments and a profile, and the ways to ask for all of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, ForeignKey, func, select, text
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    joinedload,
    mapped_column,
    relationship,
    selectinload,
    subqueryload,
)

POSTS, COMMENTS = 3, 5
"""How many of them a user has, and one profile."""

CHUNK = 500
"""How many keys SQLAlchemy puts into one query of `selectinload`."""


class Base(DeclarativeBase):
    """The tables of this module."""


class User(Base):
    """Somebody with posts, comments and a profile."""

    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    posts: Mapped[list[Post]] = relationship(back_populates="author")
    comments: Mapped[list[Comment]] = relationship()
    profile: Mapped[Profile] = relationship()


class Post(Base):
    """Something that a user wrote."""

    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    title: Mapped[str]
    author: Mapped[User] = relationship(back_populates="posts")


class Comment(Base):
    """Something that a user said about it."""

    __tablename__ = "comments"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    words: Mapped[str]


class Profile(Base):
    """What a user says of themselves."""

    __tablename__ = "profiles"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), unique=True)
    about: Mapped[str]


FILL = (
    "insert into users select n, 'user ' || n from generate_series(1, :users) n",
    f"insert into posts select n, (n - 1) / {POSTS} + 1, 'title ' || n from generate_series(1, :users * {POSTS}) n",
    f"insert into comments select n, (n - 1) / {COMMENTS} + 1, 'comment ' || n"
    f" from generate_series(1, :users * {COMMENTS}) n",
    "insert into profiles select n, n, 'about user ' || n from generate_series(1, :users) n",
)


def fill(engine: Engine, users: int) -> None:
    """Make the tables anew, with so many users, whose rows are the same each time."""
    Base.metadata.drop_all(engine)
    Base.metadata.create_all(engine)
    with engine.begin() as connection:
        for statement in FILL:
            connection.execute(text(statement), {"users": users})


LOADERS: dict[str, Callable[[Any], Any] | None] = {
    "lazy": None,
    "selectin": selectinload,
    "subquery": subqueryload,
    "joined": joinedload,
}
"""How SQLAlchemy loads what belongs to a row; lazily, when it is touched, unless it is told."""


def visit(session: Session, loader: str) -> int:
    """Touch everything of everybody, loaded in one of these ways, and count it."""
    load = LOADERS[loader]
    options = [load(relation) for relation in (User.posts, User.comments, User.profile)] if load else []
    users = session.scalars(select(User).options(*options)).unique().all()
    return sum(len(user.posts) + len(user.comments) + bool(user.profile.about) for user in users)


def numbers(session: Session) -> int:
    """Ask only how many posts and comments each user has, and add them up.

    Two joins give a user 15 rows within the server, of which `distinct` counts each post and each comment once.
    """
    posts, comments = (func.count(one.id.distinct()) for one in (Post, Comment))
    question = select(User.id, User.name, posts, comments).outerjoin(User.posts).outerjoin(User.comments)
    return sum(row[2] + row[3] for row in session.execute(question.group_by(User.id)))


def authors(session: Session) -> int:
    """Ask each post for its author, lazily, and count the authors."""
    return len({post.author.name for post in session.scalars(select(Post))})


def selectin_queries(users: int, relations: int = 3) -> int:
    """Count the queries of `selectinload`: the first, and one for each relation and `CHUNK` keys."""
    return 1 + relations * -(-users // CHUNK)


__all__ = ["CHUNK", "COMMENTS", "LOADERS", "POSTS", "Comment", "Post", "Profile", "User", "authors", "fill"]
__all__ += ["numbers", "selectin_queries", "visit"]
