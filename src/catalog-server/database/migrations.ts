/** Where the tables live: a database may hold other things. */
export const schemaName = 'bundles_catalog';

/** In the order of their names; one that was released never changes. Plain SQL, for PostgreSQL 15 and later. */
export const migrations: Readonly<Record<string, readonly string[]>> = {
  '001-catalog': [
    `CREATE TABLE ${schemaName}.workflows (
      workflow_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
      arrival bigint GENERATED ALWAYS AS IDENTITY,
      workflow_name varchar(255) NOT NULL,
      version varchar(50) NOT NULL,
      name varchar(255) NOT NULL,
      description text NOT NULL,
      owner varchar(255),
      maintainer varchar(255),
      content text NOT NULL,
      content_hash varchar(64) NOT NULL,
      parameters jsonb,
      execution_engine text NOT NULL,
      container_image text,
      container_digest varchar(71),
      labels jsonb NOT NULL,
      custom_labels jsonb NOT NULL,
      detected_labels jsonb NOT NULL,
      signal_type text GENERATED ALWAYS AS (labels->>'signal_type') STORED,
      severity text GENERATED ALWAYS AS (labels->>'severity') STORED,
      component text GENERATED ALWAYS AS (labels->>'component') STORED,
      environment text GENERATED ALWAYS AS (labels->>'environment') STORED,
      priority text GENERATED ALWAYS AS (labels->>'priority') STORED,
      -- What people search in, on one line of lower case for each field.
      search_text text GENERATED ALWAYS AS (lower(workflow_name || E'\\n' || name || E'\\n' || description || E'\\n' ||
        (labels->>'signal_type') || E'\\n' || (labels->>'severity') || E'\\n' || (labels->>'component') || E'\\n' ||
        (labels->>'environment') || E'\\n' || (labels->>'priority'))) STORED,
      status varchar(20) NOT NULL CHECK (status IN ('active', 'disabled', 'deprecated', 'archived')),
      disabled_at timestamptz,
      disabled_by text,
      disabled_reason text,
      is_latest_version boolean NOT NULL,
      previous_version varchar(50),
      deprecation_notice text,
      version_notes text,
      change_summary text,
      approved_by varchar(255),
      approved_at timestamptz,
      expected_success_rate double precision,
      expected_duration_seconds integer,
      actual_success_rate double precision,
      total_executions integer NOT NULL DEFAULT 0,
      successful_executions integer NOT NULL DEFAULT 0,
      -- Not the start of the transaction, which may have waited for another registration of the name.
      created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      created_by varchar(255),
      updated_by text,
      CONSTRAINT workflows_name_version UNIQUE (workflow_name, version)
    )`,
    `CREATE UNIQUE INDEX workflows_one_latest ON ${schemaName}.workflows (workflow_name) WHERE is_latest_version`,
    `CREATE INDEX workflows_search ON ${schemaName}.workflows
      (signal_type, severity, environment, priority, component) WHERE is_latest_version`,
    `CREATE INDEX workflows_newest ON ${schemaName}.workflows (created_at DESC, arrival DESC)`,
    `CREATE INDEX workflows_name_newest ON ${schemaName}.workflows (workflow_name, created_at DESC, arrival DESC)`,
    ...['status', 'environment', 'priority', 'component'].map(
      (column) =>
        `CREATE INDEX workflows_${column} ON ${schemaName}.workflows (${column}, created_at DESC, arrival DESC)`,
    ),
    `CREATE TABLE ${schemaName}.audit_events (
      event_id uuid PRIMARY KEY,
      arrival bigint GENERATED ALWAYS AS IDENTITY,
      event_version varchar(20) NOT NULL,
      event_timestamp timestamptz NOT NULL,
      event_date date GENERATED ALWAYS AS ((event_timestamp AT TIME ZONE 'UTC')::date) STORED,
      event_type varchar(100) NOT NULL,
      event_category varchar(50) NOT NULL,
      event_action varchar(50) NOT NULL,
      event_outcome varchar(20) NOT NULL,
      actor_type text NOT NULL,
      actor_id text NOT NULL,
      resource_type text NOT NULL,
      resource_id text NOT NULL,
      correlation_id varchar(255) NOT NULL,
      parent_event_id uuid,
      parent_event_date date,
      namespace text NOT NULL,
      cluster_name text NOT NULL,
      severity text NOT NULL,
      duration_ms integer NOT NULL,
      event_data jsonb NOT NULL,
      retention_days integer NOT NULL
    )`,
    `CREATE INDEX audit_events_latest ON ${schemaName}.audit_events (event_timestamp DESC, arrival DESC)`,
    ...['correlation_id', 'event_type', 'event_category', 'severity', 'event_outcome'].map(
      (column) =>
        `CREATE INDEX audit_events_${column} ON ${schemaName}.audit_events (${column}, event_timestamp DESC, arrival DESC)`,
    ),
    `CREATE INDEX audit_events_resource ON ${schemaName}.audit_events (resource_id, event_timestamp DESC)`,
    `CREATE TABLE ${schemaName}.notifications (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      remediation_id varchar(255) NOT NULL,
      notification_id varchar(255) NOT NULL CONSTRAINT notifications_notification_id UNIQUE,
      recipient varchar(255) NOT NULL,
      channel varchar(50) NOT NULL,
      message_summary text NOT NULL,
      status varchar(50) NOT NULL,
      sent_at timestamptz NOT NULL,
      delivery_status text NOT NULL,
      error_message text NOT NULL,
      escalation_level integer NOT NULL,
      created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
    )`,
  ],
  '002-status-reason': [`ALTER TABLE ${schemaName}.workflows ADD COLUMN status_reason text`],
};
