"""audit chain.

Each entry carries the hash of the one before it in its user's chain; docs/decisions/0013 says why the database does it,
shared/audit_chain.py what is hashed. Nothing but the archive takes entries out.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# As shared/audit_chain.py: object keys by code point, no spaces, numbers with all digits and without trailing zeros.
CANONICAL = """
CREATE FUNCTION audit_canonical(given jsonb) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
  CASE jsonb_typeof(given)
  WHEN 'object' THEN
    RETURN '{' || coalesce((SELECT string_agg(to_json(key)::text || ':' || CASE
        WHEN jsonb_typeof(value) IN ('string', 'null', 'boolean') THEN value::text ELSE audit_canonical(value) END, ','
      ORDER BY key COLLATE "C") FROM jsonb_each(given)), '') || '}';
  WHEN 'array' THEN
    RETURN '[' || coalesce((SELECT string_agg(audit_canonical(value), ',' ORDER BY n)
      FROM jsonb_array_elements(given) WITH ORDINALITY AS e (value, n)), '') || ']';
  WHEN 'number' THEN
    RETURN trim_scale((given #>> '{}')::numeric)::text;
  ELSE
    RETURN given::text;
  END CASE;
END
$$
"""
INSTANT = """
CREATE FUNCTION audit_instant(given timestamptz) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT to_char(given AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
$$
"""
HASH = """
CREATE FUNCTION audit_hash(entry audit) RETURNS bytea LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  RETURN sha256(convert_to(
    '{"actor":' || to_json(entry.actor)::text
    || ',"changes":' || audit_canonical(entry.changes)
    || ',"event_id":' || to_json(entry.event_id)::text
    || ',"previous":"' || encode(entry.previous, 'hex')
    || '","recorded_at":"' || audit_instant(entry.recorded_at)
    || '","seq":' || entry.seq
    || ',"source":' || to_json(entry.source)::text
    || ',"task":' || coalesce(to_json(entry.task_id::text)::text, 'null')
    || ',"time":"' || audit_instant(entry.time)
    || '","type":' || to_json(entry.type)::text
    || ',"user":' || to_json(entry.user_id)::text || '}', 'UTF8'));
END
$$
"""
# The lock makes appends of one user take turns until each has committed. The end of the chain is looked up, not kept in
# a row of its own: an event that comes again ends in ON CONFLICT and leaves nothing behind.
LINK = """
CREATE FUNCTION audit_link() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  last record;
BEGIN
  IF NEW.seq IS NOT NULL THEN
    IF NOT EXISTS (SELECT FROM audit_chunks WHERE user_id = NEW.user_id AND stored_at IS NOT NULL
        AND NEW.seq BETWEEN first_seq AND last_seq) OR NEW.hash IS DISTINCT FROM audit_hash(NEW) THEN
      RAISE EXCEPTION 'audit: entry % is none of the archive', NEW.seq;
    END IF;
    RETURN NEW;
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('audit of ' || NEW.user_id, 0));
  SELECT seq, hash INTO last FROM (
    (SELECT seq, hash FROM audit WHERE user_id = NEW.user_id ORDER BY seq DESC LIMIT 1) UNION ALL
    (SELECT last_seq, hash FROM audit_chunks WHERE user_id = NEW.user_id ORDER BY last_seq DESC LIMIT 1)
  ) ends ORDER BY seq DESC LIMIT 1;
  NEW.seq := coalesce(last.seq, 0) + 1;
  NEW.previous := coalesce(last.hash, decode(repeat('00', 32), 'hex'));
  NEW.hash := audit_hash(NEW);
  RETURN NEW;
END
$$
"""
REFUSE = """
CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '%: % is refused, it is appended to only', TG_TABLE_NAME, TG_OP;
END
$$
"""
KEEP = """
CREATE FUNCTION audit_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM gone WHERE NOT EXISTS (SELECT FROM audit_chunks c WHERE c.user_id = gone.user_id
      AND c.stored_at IS NOT NULL AND gone.seq BETWEEN c.first_seq AND c.last_seq)) THEN
    RAISE EXCEPTION 'audit: DELETE is refused, the archive does not hold these entries';
  END IF;
  RETURN NULL;
END
$$
"""
KEEP_CHUNK = """
CREATE FUNCTION audit_keep_chunk() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (to_jsonb(NEW) - '{stored_at,restored_until}'::text[]) <> (to_jsonb(OLD) - '{stored_at,restored_until}'::text[])
      OR (OLD.stored_at IS NOT NULL AND NEW.stored_at IS DISTINCT FROM OLD.stored_at) THEN
    RAISE EXCEPTION 'audit_chunks: UPDATE is refused, a chunk stays what it was';
  END IF;
  RETURN NEW;
END
$$
"""
CHAIN_WHAT_IS_THERE = """
DO $$
DECLARE
  entry audit;
  last audit;
BEGIN
  FOR entry IN SELECT * FROM audit ORDER BY user_id, position LOOP
    IF last.user_id IS DISTINCT FROM entry.user_id THEN
      last.seq := 0;
      last.hash := decode(repeat('00', 32), 'hex');
    END IF;
    entry.seq := last.seq + 1;
    entry.previous := last.hash;
    entry.hash := audit_hash(entry);
    UPDATE audit SET seq = entry.seq, previous = entry.previous, hash = entry.hash WHERE position = entry.position;
    last := entry;
  END LOOP;
END
$$
"""
TRIGGERS = (
    "CREATE TRIGGER audit_link BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION audit_link()",
    "CREATE TRIGGER audit_refuse BEFORE UPDATE OR TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()",
    """
    CREATE TRIGGER audit_keep AFTER DELETE ON audit REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION audit_keep()
    """,
    """
    CREATE TRIGGER audit_chunks_refuse BEFORE DELETE OR TRUNCATE ON audit_chunks
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()
    """,
    """
    CREATE TRIGGER audit_chunks_keep BEFORE UPDATE ON audit_chunks
    FOR EACH ROW EXECUTE FUNCTION audit_keep_chunk()
    """,
)


def upgrade() -> None:
    # ### commands auto generated by Alembic - please adjust! ###
    op.create_table(
        "audit_chunks",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("first_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("first_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("restored_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("user_id", "first_seq"),
        sa.UniqueConstraint("user_id", "last_seq", name="audit_chunks_by_end"),
    )
    op.add_column("audit", sa.Column("seq", sa.BigInteger(), nullable=True))
    op.add_column("audit", sa.Column("previous", sa.LargeBinary(), nullable=True))
    op.add_column("audit", sa.Column("hash", sa.LargeBinary(), nullable=True))
    # ### end Alembic commands ###
    for function in (CANONICAL, INSTANT, HASH, LINK, REFUSE, KEEP, KEEP_CHUNK, CHAIN_WHAT_IS_THERE):
        op.execute(function)
    for name in ("seq", "previous", "hash"):
        op.alter_column("audit", name, nullable=False)
    op.create_unique_constraint("audit_one_per_seq", "audit", ["user_id", "seq"])
    for trigger in TRIGGERS:
        op.execute(trigger)


def downgrade() -> None:
    for name in ("audit_link", "audit_refuse", "audit_keep"):
        op.execute(f"DROP TRIGGER {name} ON audit")
    # ### commands auto generated by Alembic - please adjust! ###
    op.drop_table("audit_chunks")
    # ### end Alembic commands ###
    for function in ("keep_chunk", "keep", "refuse", "link", "hash", "instant", "canonical"):
        op.execute(f"DROP FUNCTION audit_{function}")
    op.drop_constraint("audit_one_per_seq", "audit", type_="unique")
    for name in ("seq", "previous", "hash"):
        op.drop_column("audit", name)
