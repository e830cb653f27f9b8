"""The yardstick: the same interface as FastAPI's and SQLModel's tutorials would write it, without events or sync.

Run by uvicorn with one worker: `DATABASE_URL=… uvicorn benchmarks.support.twin:app`.
"""

import datetime as dt
import os
from collections.abc import Iterator
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import Depends, FastAPI, Header, HTTPException
from sqlmodel import Field, Session, SQLModel, col, create_engine, select

URL = os.environ.get("DATABASE_URL", "").replace("postgresql://", "postgresql+psycopg://")


class TwinTask(SQLModel, table=True):
    """A task."""

    __tablename__ = "twin_tasks"
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    user_id: str = Field(index=True)
    title: str
    notes: str = ""
    status: str = "open"
    priority: int = 0
    due_at: dt.datetime | None = None
    created_at: dt.datetime = Field(default_factory=lambda: dt.datetime.now(dt.UTC), index=True)
    completed_at: dt.datetime | None = None


class NewTwinTask(SQLModel):
    """What a client sends."""

    title: str
    notes: str = ""
    priority: int = 0
    due_at: dt.datetime | None = None


engine = create_engine(URL or "postgresql+psycopg://")
app = FastAPI()


def get_session() -> Iterator[Session]:
    """Yield a session for one request."""
    with Session(engine) as session:
        yield session


SessionDep = Annotated[Session, Depends(get_session)]
User = Annotated[str, Header(alias="x-user")]


@app.post("/v1/tasks", status_code=201)
def create_task(new: NewTwinTask, session: SessionDep, x_user: User = "bench-0") -> TwinTask:
    """Create a task."""
    task = TwinTask.model_validate(new, update={"user_id": x_user})
    session.add(task)
    session.commit()
    session.refresh(task)
    return task


@app.get("/v1/tasks")
def read_tasks(
    session: SessionDep, q: str | None = None, offset: int = 0, limit: int = 50, x_user: User = "bench-0"
) -> list[TwinTask]:
    """List or search tasks."""
    statement = select(TwinTask).where(TwinTask.user_id == x_user)
    if q:
        statement = statement.where(col(TwinTask.title).ilike(f"%{q}%") | col(TwinTask.notes).ilike(f"%{q}%"))
    return list(session.exec(statement.order_by(col(TwinTask.created_at)).offset(offset).limit(limit)).all())


@app.get("/v1/tasks/{task_id}")
def read_task(task_id: UUID, session: SessionDep, x_user: User = "bench-0") -> TwinTask:
    """Return a task."""
    task = session.get(TwinTask, task_id)
    if not task or task.user_id != x_user:
        raise HTTPException(status_code=404, detail="Task not found")
    return task


@app.post("/v1/tasks/{task_id}/complete")
def complete_task(task_id: UUID, session: SessionDep, x_user: User = "bench-0") -> TwinTask:
    """Complete a task."""
    task = read_task(task_id, session, x_user)
    task.status, task.completed_at = "completed", dt.datetime.now(dt.UTC)
    session.add(task)
    session.commit()
    session.refresh(task)
    return task
