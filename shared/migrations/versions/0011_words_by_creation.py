"""words by creation."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

OWNED = """
UPDATE task_words w SET user_id = t.user_id, created_at = t.created_at FROM tasks t WHERE t.id = w.task_id
"""


def upgrade() -> None:
    op.add_column("task_words", sa.Column("user_id", sa.Text(), nullable=True))
    op.add_column("task_words", sa.Column("created_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(OWNED)
    op.alter_column("task_words", "user_id", nullable=False)
    op.alter_column("task_words", "created_at", nullable=False)
    op.create_index("task_words_by_creation", "task_words", ["user_id", "created_at", "task_id"], unique=False)


def downgrade() -> None:
    op.drop_index("task_words_by_creation", table_name="task_words")
    op.drop_column("task_words", "created_at")
    op.drop_column("task_words", "user_id")
