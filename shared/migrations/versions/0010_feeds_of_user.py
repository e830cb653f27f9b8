"""feeds of user."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("feeds_of_user", "feeds", ["user_id", "id"], unique=False)


def downgrade() -> None:
    op.drop_index("feeds_of_user", table_name="feeds")
