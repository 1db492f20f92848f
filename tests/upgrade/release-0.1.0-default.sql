CREATE FUNCTION public.audit_refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$;
ALTER FUNCTION public.audit_refuse_change() OWNER TO dsop_owner;
CREATE FUNCTION public.legal_register_changed() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    UPDATE legal_register_change SET number = number + 1;
    RETURN NULL;
END $$;
ALTER FUNCTION public.legal_register_changed() OWNER TO dsop_owner;
CREATE TABLE public.audit_record (
    id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    duration_us bigint NOT NULL,
    consumer character varying(32) NOT NULL,
    supplier character varying(32) NOT NULL,
    client_id character varying(255) NOT NULL,
    jti character varying(255) NOT NULL,
    scopes character varying(2000) NOT NULL,
    audience character varying(255) NOT NULL,
    requester_id character varying(255) NOT NULL,
    service character varying(64) NOT NULL,
    service_version integer,
    legal_mandate character varying(500) NOT NULL,
    additional_reference_type character varying(16) NOT NULL,
    additional_reference_hash bytea,
    additional_reference_sealed bytea,
    account_info_request_id uuid,
    correlation_id uuid,
    method character varying(16) NOT NULL,
    endpoint character varying(64) NOT NULL,
    control_object_hash bytea,
    control_object_sealed bytea,
    account_reference_hash bytea,
    account_reference_sealed bytea,
    from_date date,
    to_date date,
    only_primary_owner boolean,
    malformed_sealed bytea,
    outcome character varying(16) NOT NULL,
    http_status smallint NOT NULL,
    code character varying(16) NOT NULL,
    refusal character varying(64) NOT NULL,
    items integer,
    as_of timestamp with time zone,
    empty_because character varying(64) NOT NULL,
    account_hashes bytea[] NOT NULL,
    accounts_sealed bytea,
    document_digest bytea,
    evidence jsonb
)
PARTITION BY RANGE (at);
ALTER TABLE public.audit_record OWNER TO dsop_owner;
CREATE TABLE public.audit_record_2026_11 (
    id uuid CONSTRAINT audit_record_id_not_null NOT NULL,
    at timestamp with time zone CONSTRAINT audit_record_at_not_null NOT NULL,
    duration_us bigint CONSTRAINT audit_record_duration_us_not_null NOT NULL,
    consumer character varying(32) CONSTRAINT audit_record_consumer_not_null NOT NULL,
    supplier character varying(32) CONSTRAINT audit_record_supplier_not_null NOT NULL,
    client_id character varying(255) CONSTRAINT audit_record_client_id_not_null NOT NULL,
    jti character varying(255) CONSTRAINT audit_record_jti_not_null NOT NULL,
    scopes character varying(2000) CONSTRAINT audit_record_scopes_not_null NOT NULL,
    audience character varying(255) CONSTRAINT audit_record_audience_not_null NOT NULL,
    requester_id character varying(255) CONSTRAINT audit_record_requester_id_not_null NOT NULL,
    service character varying(64) CONSTRAINT audit_record_service_not_null NOT NULL,
    service_version integer,
    legal_mandate character varying(500) CONSTRAINT audit_record_legal_mandate_not_null NOT NULL,
    additional_reference_type character varying(16) CONSTRAINT audit_record_additional_reference_type_not_null NOT NULL,
    additional_reference_hash bytea,
    additional_reference_sealed bytea,
    account_info_request_id uuid,
    correlation_id uuid,
    method character varying(16) CONSTRAINT audit_record_method_not_null NOT NULL,
    endpoint character varying(64) CONSTRAINT audit_record_endpoint_not_null NOT NULL,
    control_object_hash bytea,
    control_object_sealed bytea,
    account_reference_hash bytea,
    account_reference_sealed bytea,
    from_date date,
    to_date date,
    only_primary_owner boolean,
    malformed_sealed bytea,
    outcome character varying(16) CONSTRAINT audit_record_outcome_not_null NOT NULL,
    http_status smallint CONSTRAINT audit_record_http_status_not_null NOT NULL,
    code character varying(16) CONSTRAINT audit_record_code_not_null NOT NULL,
    refusal character varying(64) CONSTRAINT audit_record_refusal_not_null NOT NULL,
    items integer,
    as_of timestamp with time zone,
    empty_because character varying(64) CONSTRAINT audit_record_empty_because_not_null NOT NULL,
    account_hashes bytea[] CONSTRAINT audit_record_account_hashes_not_null NOT NULL,
    accounts_sealed bytea,
    document_digest bytea,
    evidence jsonb
);
ALTER TABLE public.audit_record_2026_11 OWNER TO dsop_owner;
CREATE TABLE public.audit_record_2026_12 (
    id uuid CONSTRAINT audit_record_id_not_null NOT NULL,
    at timestamp with time zone CONSTRAINT audit_record_at_not_null NOT NULL,
    duration_us bigint CONSTRAINT audit_record_duration_us_not_null NOT NULL,
    consumer character varying(32) CONSTRAINT audit_record_consumer_not_null NOT NULL,
    supplier character varying(32) CONSTRAINT audit_record_supplier_not_null NOT NULL,
    client_id character varying(255) CONSTRAINT audit_record_client_id_not_null NOT NULL,
    jti character varying(255) CONSTRAINT audit_record_jti_not_null NOT NULL,
    scopes character varying(2000) CONSTRAINT audit_record_scopes_not_null NOT NULL,
    audience character varying(255) CONSTRAINT audit_record_audience_not_null NOT NULL,
    requester_id character varying(255) CONSTRAINT audit_record_requester_id_not_null NOT NULL,
    service character varying(64) CONSTRAINT audit_record_service_not_null NOT NULL,
    service_version integer,
    legal_mandate character varying(500) CONSTRAINT audit_record_legal_mandate_not_null NOT NULL,
    additional_reference_type character varying(16) CONSTRAINT audit_record_additional_reference_type_not_null NOT NULL,
    additional_reference_hash bytea,
    additional_reference_sealed bytea,
    account_info_request_id uuid,
    correlation_id uuid,
    method character varying(16) CONSTRAINT audit_record_method_not_null NOT NULL,
    endpoint character varying(64) CONSTRAINT audit_record_endpoint_not_null NOT NULL,
    control_object_hash bytea,
    control_object_sealed bytea,
    account_reference_hash bytea,
    account_reference_sealed bytea,
    from_date date,
    to_date date,
    only_primary_owner boolean,
    malformed_sealed bytea,
    outcome character varying(16) CONSTRAINT audit_record_outcome_not_null NOT NULL,
    http_status smallint CONSTRAINT audit_record_http_status_not_null NOT NULL,
    code character varying(16) CONSTRAINT audit_record_code_not_null NOT NULL,
    refusal character varying(64) CONSTRAINT audit_record_refusal_not_null NOT NULL,
    items integer,
    as_of timestamp with time zone,
    empty_because character varying(64) CONSTRAINT audit_record_empty_because_not_null NOT NULL,
    account_hashes bytea[] CONSTRAINT audit_record_account_hashes_not_null NOT NULL,
    accounts_sealed bytea,
    document_digest bytea,
    evidence jsonb
);
ALTER TABLE public.audit_record_2026_12 OWNER TO dsop_owner;
CREATE TABLE public.audit_record_2027_01 (
    id uuid CONSTRAINT audit_record_id_not_null NOT NULL,
    at timestamp with time zone CONSTRAINT audit_record_at_not_null NOT NULL,
    duration_us bigint CONSTRAINT audit_record_duration_us_not_null NOT NULL,
    consumer character varying(32) CONSTRAINT audit_record_consumer_not_null NOT NULL,
    supplier character varying(32) CONSTRAINT audit_record_supplier_not_null NOT NULL,
    client_id character varying(255) CONSTRAINT audit_record_client_id_not_null NOT NULL,
    jti character varying(255) CONSTRAINT audit_record_jti_not_null NOT NULL,
    scopes character varying(2000) CONSTRAINT audit_record_scopes_not_null NOT NULL,
    audience character varying(255) CONSTRAINT audit_record_audience_not_null NOT NULL,
    requester_id character varying(255) CONSTRAINT audit_record_requester_id_not_null NOT NULL,
    service character varying(64) CONSTRAINT audit_record_service_not_null NOT NULL,
    service_version integer,
    legal_mandate character varying(500) CONSTRAINT audit_record_legal_mandate_not_null NOT NULL,
    additional_reference_type character varying(16) CONSTRAINT audit_record_additional_reference_type_not_null NOT NULL,
    additional_reference_hash bytea,
    additional_reference_sealed bytea,
    account_info_request_id uuid,
    correlation_id uuid,
    method character varying(16) CONSTRAINT audit_record_method_not_null NOT NULL,
    endpoint character varying(64) CONSTRAINT audit_record_endpoint_not_null NOT NULL,
    control_object_hash bytea,
    control_object_sealed bytea,
    account_reference_hash bytea,
    account_reference_sealed bytea,
    from_date date,
    to_date date,
    only_primary_owner boolean,
    malformed_sealed bytea,
    outcome character varying(16) CONSTRAINT audit_record_outcome_not_null NOT NULL,
    http_status smallint CONSTRAINT audit_record_http_status_not_null NOT NULL,
    code character varying(16) CONSTRAINT audit_record_code_not_null NOT NULL,
    refusal character varying(64) CONSTRAINT audit_record_refusal_not_null NOT NULL,
    items integer,
    as_of timestamp with time zone,
    empty_because character varying(64) CONSTRAINT audit_record_empty_because_not_null NOT NULL,
    account_hashes bytea[] CONSTRAINT audit_record_account_hashes_not_null NOT NULL,
    accounts_sealed bytea,
    document_digest bytea,
    evidence jsonb
);
ALTER TABLE public.audit_record_2027_01 OWNER TO dsop_owner;
CREATE TABLE public.audit_record_2027_02 (
    id uuid CONSTRAINT audit_record_id_not_null NOT NULL,
    at timestamp with time zone CONSTRAINT audit_record_at_not_null NOT NULL,
    duration_us bigint CONSTRAINT audit_record_duration_us_not_null NOT NULL,
    consumer character varying(32) CONSTRAINT audit_record_consumer_not_null NOT NULL,
    supplier character varying(32) CONSTRAINT audit_record_supplier_not_null NOT NULL,
    client_id character varying(255) CONSTRAINT audit_record_client_id_not_null NOT NULL,
    jti character varying(255) CONSTRAINT audit_record_jti_not_null NOT NULL,
    scopes character varying(2000) CONSTRAINT audit_record_scopes_not_null NOT NULL,
    audience character varying(255) CONSTRAINT audit_record_audience_not_null NOT NULL,
    requester_id character varying(255) CONSTRAINT audit_record_requester_id_not_null NOT NULL,
    service character varying(64) CONSTRAINT audit_record_service_not_null NOT NULL,
    service_version integer,
    legal_mandate character varying(500) CONSTRAINT audit_record_legal_mandate_not_null NOT NULL,
    additional_reference_type character varying(16) CONSTRAINT audit_record_additional_reference_type_not_null NOT NULL,
    additional_reference_hash bytea,
    additional_reference_sealed bytea,
    account_info_request_id uuid,
    correlation_id uuid,
    method character varying(16) CONSTRAINT audit_record_method_not_null NOT NULL,
    endpoint character varying(64) CONSTRAINT audit_record_endpoint_not_null NOT NULL,
    control_object_hash bytea,
    control_object_sealed bytea,
    account_reference_hash bytea,
    account_reference_sealed bytea,
    from_date date,
    to_date date,
    only_primary_owner boolean,
    malformed_sealed bytea,
    outcome character varying(16) CONSTRAINT audit_record_outcome_not_null NOT NULL,
    http_status smallint CONSTRAINT audit_record_http_status_not_null NOT NULL,
    code character varying(16) CONSTRAINT audit_record_code_not_null NOT NULL,
    refusal character varying(64) CONSTRAINT audit_record_refusal_not_null NOT NULL,
    items integer,
    as_of timestamp with time zone,
    empty_because character varying(64) CONSTRAINT audit_record_empty_because_not_null NOT NULL,
    account_hashes bytea[] CONSTRAINT audit_record_account_hashes_not_null NOT NULL,
    accounts_sealed bytea,
    document_digest bytea,
    evidence jsonb
);
ALTER TABLE public.audit_record_2027_02 OWNER TO dsop_owner;
CREATE TABLE public.audit_turned_away (
    id uuid NOT NULL,
    minute timestamp with time zone NOT NULL,
    reason character varying(64) NOT NULL,
    consumer character varying(32) NOT NULL,
    count bigint NOT NULL
)
PARTITION BY RANGE (minute);
ALTER TABLE public.audit_turned_away OWNER TO dsop_owner;
CREATE TABLE public.audit_turned_away_2026_11 (
    id uuid CONSTRAINT audit_turned_away_id_not_null NOT NULL,
    minute timestamp with time zone CONSTRAINT audit_turned_away_minute_not_null NOT NULL,
    reason character varying(64) CONSTRAINT audit_turned_away_reason_not_null NOT NULL,
    consumer character varying(32) CONSTRAINT audit_turned_away_consumer_not_null NOT NULL,
    count bigint CONSTRAINT audit_turned_away_count_not_null NOT NULL
);
ALTER TABLE public.audit_turned_away_2026_11 OWNER TO dsop_owner;
CREATE TABLE public.audit_turned_away_2026_12 (
    id uuid CONSTRAINT audit_turned_away_id_not_null NOT NULL,
    minute timestamp with time zone CONSTRAINT audit_turned_away_minute_not_null NOT NULL,
    reason character varying(64) CONSTRAINT audit_turned_away_reason_not_null NOT NULL,
    consumer character varying(32) CONSTRAINT audit_turned_away_consumer_not_null NOT NULL,
    count bigint CONSTRAINT audit_turned_away_count_not_null NOT NULL
);
ALTER TABLE public.audit_turned_away_2026_12 OWNER TO dsop_owner;
CREATE TABLE public.audit_turned_away_2027_01 (
    id uuid CONSTRAINT audit_turned_away_id_not_null NOT NULL,
    minute timestamp with time zone CONSTRAINT audit_turned_away_minute_not_null NOT NULL,
    reason character varying(64) CONSTRAINT audit_turned_away_reason_not_null NOT NULL,
    consumer character varying(32) CONSTRAINT audit_turned_away_consumer_not_null NOT NULL,
    count bigint CONSTRAINT audit_turned_away_count_not_null NOT NULL
);
ALTER TABLE public.audit_turned_away_2027_01 OWNER TO dsop_owner;
CREATE TABLE public.audit_turned_away_2027_02 (
    id uuid CONSTRAINT audit_turned_away_id_not_null NOT NULL,
    minute timestamp with time zone CONSTRAINT audit_turned_away_minute_not_null NOT NULL,
    reason character varying(64) CONSTRAINT audit_turned_away_reason_not_null NOT NULL,
    consumer character varying(32) CONSTRAINT audit_turned_away_consumer_not_null NOT NULL,
    count bigint CONSTRAINT audit_turned_away_count_not_null NOT NULL
);
ALTER TABLE public.audit_turned_away_2027_02 OWNER TO dsop_owner;
CREATE TABLE public.auth_group (
    id integer NOT NULL,
    name character varying(150) NOT NULL
);
ALTER TABLE public.auth_group OWNER TO dsop_owner;
ALTER TABLE public.auth_group ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.auth_group_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.auth_group_permissions (
    id bigint NOT NULL,
    group_id integer NOT NULL,
    permission_id integer NOT NULL
);
ALTER TABLE public.auth_group_permissions OWNER TO dsop_owner;
ALTER TABLE public.auth_group_permissions ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.auth_group_permissions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.auth_permission (
    id integer NOT NULL,
    name character varying(255) NOT NULL,
    content_type_id integer NOT NULL,
    codename character varying(100) NOT NULL
);
ALTER TABLE public.auth_permission OWNER TO dsop_owner;
ALTER TABLE public.auth_permission ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.auth_permission_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.auth_user (
    id integer NOT NULL,
    password character varying(128) NOT NULL,
    last_login timestamp with time zone,
    is_superuser boolean NOT NULL,
    username character varying(150) NOT NULL,
    first_name character varying(150) NOT NULL,
    last_name character varying(150) NOT NULL,
    email character varying(254) NOT NULL,
    is_staff boolean NOT NULL,
    is_active boolean NOT NULL,
    date_joined timestamp with time zone NOT NULL
);
ALTER TABLE public.auth_user OWNER TO dsop_owner;
CREATE TABLE public.auth_user_groups (
    id bigint NOT NULL,
    user_id integer NOT NULL,
    group_id integer NOT NULL
);
ALTER TABLE public.auth_user_groups OWNER TO dsop_owner;
ALTER TABLE public.auth_user_groups ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.auth_user_groups_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
ALTER TABLE public.auth_user ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.auth_user_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.auth_user_user_permissions (
    id bigint NOT NULL,
    user_id integer NOT NULL,
    permission_id integer NOT NULL
);
ALTER TABLE public.auth_user_user_permissions OWNER TO dsop_owner;
ALTER TABLE public.auth_user_user_permissions ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.auth_user_user_permissions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.django_admin_log (
    id integer NOT NULL,
    action_time timestamp with time zone NOT NULL,
    object_id text,
    object_repr character varying(200) NOT NULL,
    action_flag smallint NOT NULL,
    change_message text NOT NULL,
    content_type_id integer,
    user_id integer NOT NULL,
    CONSTRAINT django_admin_log_action_flag_check CHECK ((action_flag >= 0))
);
ALTER TABLE public.django_admin_log OWNER TO dsop_owner;
ALTER TABLE public.django_admin_log ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.django_admin_log_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.django_content_type (
    id integer NOT NULL,
    app_label character varying(100) NOT NULL,
    model character varying(100) NOT NULL
);
ALTER TABLE public.django_content_type OWNER TO dsop_owner;
ALTER TABLE public.django_content_type ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.django_content_type_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.django_migrations (
    id bigint NOT NULL,
    app character varying(255) NOT NULL,
    name character varying(255) NOT NULL,
    applied timestamp with time zone NOT NULL
);
ALTER TABLE public.django_migrations OWNER TO dsop_owner;
ALTER TABLE public.django_migrations ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.django_migrations_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.django_session (
    session_key character varying(40) NOT NULL,
    session_data text NOT NULL,
    expire_date timestamp with time zone NOT NULL
);
ALTER TABLE public.django_session OWNER TO dsop_owner;
CREATE TABLE public.legal_dataconsumer (
    id bigint NOT NULL,
    organisation_number character varying(9) NOT NULL,
    name character varying(140) NOT NULL,
    is_open boolean NOT NULL,
    CONSTRAINT consumer_number_is_nine_digits CHECK ((((organisation_number)::text ~ '^[0-9]{9}$'::text) AND (NOT ((organisation_number)::text = '000000000'::text))))
);
ALTER TABLE public.legal_dataconsumer OWNER TO dsop_owner;
ALTER TABLE public.legal_dataconsumer ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.legal_dataconsumer_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.legal_register_change (
    id smallint NOT NULL,
    number bigint NOT NULL
);
ALTER TABLE public.legal_register_change OWNER TO dsop_owner;
CREATE TABLE public.legal_service (
    id bigint NOT NULL,
    slug character varying(40) NOT NULL,
    name character varying(140) NOT NULL,
    is_open boolean NOT NULL
);
ALTER TABLE public.legal_service OWNER TO dsop_owner;
ALTER TABLE public.legal_service ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.legal_service_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.legal_serviceversion (
    id uuid NOT NULL,
    number integer NOT NULL,
    state character varying(8) NOT NULL,
    rules jsonb NOT NULL,
    created_at timestamp with time zone NOT NULL,
    approved_at timestamp with time zone,
    service_id bigint NOT NULL,
    CONSTRAINT approved_versions_say_when CHECK (((NOT ((state)::text = 'approved'::text)) OR (approved_at IS NOT NULL))),
    CONSTRAINT legal_serviceversion_number_check CHECK ((number >= 0))
);
ALTER TABLE public.legal_serviceversion OWNER TO dsop_owner;
ALTER TABLE ONLY public.audit_record ATTACH PARTITION public.audit_record_2026_11 FOR VALUES FROM ('2026-11-01 00:00:00+00') TO ('2026-12-01 00:00:00+00');
ALTER TABLE ONLY public.audit_record ATTACH PARTITION public.audit_record_2026_12 FOR VALUES FROM ('2026-12-01 00:00:00+00') TO ('2027-01-01 00:00:00+00');
ALTER TABLE ONLY public.audit_record ATTACH PARTITION public.audit_record_2027_01 FOR VALUES FROM ('2027-01-01 00:00:00+00') TO ('2027-02-01 00:00:00+00');
ALTER TABLE ONLY public.audit_record ATTACH PARTITION public.audit_record_2027_02 FOR VALUES FROM ('2027-02-01 00:00:00+00') TO ('2027-03-01 00:00:00+00');
ALTER TABLE ONLY public.audit_turned_away ATTACH PARTITION public.audit_turned_away_2026_11 FOR VALUES FROM ('2026-11-01 00:00:00+00') TO ('2026-12-01 00:00:00+00');
ALTER TABLE ONLY public.audit_turned_away ATTACH PARTITION public.audit_turned_away_2026_12 FOR VALUES FROM ('2026-12-01 00:00:00+00') TO ('2027-01-01 00:00:00+00');
ALTER TABLE ONLY public.audit_turned_away ATTACH PARTITION public.audit_turned_away_2027_01 FOR VALUES FROM ('2027-01-01 00:00:00+00') TO ('2027-02-01 00:00:00+00');
ALTER TABLE ONLY public.audit_turned_away ATTACH PARTITION public.audit_turned_away_2027_02 FOR VALUES FROM ('2027-02-01 00:00:00+00') TO ('2027-03-01 00:00:00+00');
COPY public.audit_record_2026_11 (id, at, duration_us, consumer, supplier, client_id, jti, scopes, audience, requester_id, service, service_version, legal_mandate, additional_reference_type, additional_reference_hash, additional_reference_sealed, account_info_request_id, correlation_id, method, endpoint, control_object_hash, control_object_sealed, account_reference_hash, account_reference_sealed, from_date, to_date, only_primary_owner, malformed_sealed, outcome, http_status, code, refusal, items, as_of, empty_because, account_hashes, accounts_sealed, document_digest, evidence) FROM stdin;
01a20091-9b24-7e5f-86d0-ff9ef8278184	2026-11-22 00:04:32.164868+00	29593	974761076		fd9c7493-aa43-5f25-9a12-b458e5c0ea29	XmhNwiKh2FN1yq0O6ji6dME9jggSk3nWwLQbtCdXey0	bits:kundeforhold	http://127.0.0.1:60835/v2		fi-utlegg-saldo	1	FI-Utlegg-Test		\N	\N	ced2b670-027e-417f-87fa-50ed1f262fc5	45724bbb-6ab7-49d2-869b-fc73ab419a7d	GET	customerRelationships	\\x666f726d65723a3134197f4d5bdf9fa4baf03d6267836b5778c8523a2b4009cdb2ee7db155b758	\\x666f726d65723a77f6f7a7c10c8d42613a469e5a2fad9a8f55a71aa49111bdee4690a67d342b34432a6791192187	\N	\N	2026-11-22	2026-11-22	t	\N	answered	200			1	2026-11-22 00:04:23+00		{}	\N	\\x3b6a8daefed509042c397e6411b9a8837629a5fce9ff645fedd4a1ad9133c846	\N
01a20091-9b5c-7c5d-9212-97a99fa48c1d	2026-11-22 00:04:32.220163+00	33516	974761076		fd9c7493-aa43-5f25-9a12-b458e5c0ea29	zwgWI-Cwc7twzJEh1tv6PICfUgPH6wYWOOwgHP47x0k	bits:kontoinformasjon	http://127.0.0.1:60835/v2		fi-utlegg-saldo	1	FI-Utlegg-Test		\N	\N	ced2b670-027e-417f-87fa-50ed1f262fc5	5dd16707-ab4e-4294-b1d6-d0d206cf4710	GET	accounts	\\x666f726d65723a3134197f4d5bdf9fa4baf03d6267836b5778c8523a2b4009cdb2ee7db155b758	\\x666f726d65723ace1ffaa83176d0fc7455641be6c42fd8f82740c1dccb2d3992941e1ad8dd60812008d8e0a1a8c5	\N	\N	2026-11-22	2026-11-22	t	\N	answered	200			5	2026-11-22 00:04:23+00		{"\\\\x666f726d65723a966b3d5d67ab9399b5c6da9ce8d21b36c6160f65667288322baf55a392f9f0ad","\\\\x666f726d65723ac9f1a40ae732131895cad00c83c6a630c35fcd69399907b5821a70dd4d5ea977","\\\\x666f726d65723a920d55fa51361f5101d3f71672e8cc9e95d6952f424b3c99ff91f711538691c3","\\\\x666f726d65723ae9c989d95bf64dd0d0ed52a7fa80d677aec39be69b2a9a22b83c9c9fadba61b7","\\\\x666f726d65723ad0deef90577e9b161ed533f76ad79a9d66aa0e95a54c77ef5827ed4a5c379694"}	\\x666f726d65723abd82da461a68478f13c8b1b8d185a7e6e0113b89fef6be662bc1d6deac3c232c3ca49669ebf08f3704ad7aa167c9db34a7d1be151fbb3aba42cc3b78bf9399fef0e3abdbbe8032de3bcee86254517816a738c2f3298dc208eb8ca94f575df7483cbb9523152804	\\x4ed8a55749a1b11b73065590fbcd15cfb5405038106079625bf62e8689b20e4d	\N
01a20091-9b8a-72bc-a65a-d3ea42f0dd83	2026-11-22 00:04:32.266414+00	32321	974761076		fd9c7493-aa43-5f25-9a12-b458e5c0ea29	zwgWI-Cwc7twzJEh1tv6PICfUgPH6wYWOOwgHP47x0k	bits:kontoinformasjon	http://127.0.0.1:60835/v2		fi-utlegg-saldo	1	FI-Utlegg-Test		\N	\N	ced2b670-027e-417f-87fa-50ed1f262fc5	2991afc4-7c9e-46d1-9d4f-a96fe1a10150	GET	accountDetails	\\x666f726d65723a3134197f4d5bdf9fa4baf03d6267836b5778c8523a2b4009cdb2ee7db155b758	\\x666f726d65723ac2d3bae116d8d2cf4d5afade83293031f6168d4eb80ebb8d14f914eceea823a078ed008ab56370	\\x666f726d65723a6de1873a74ca2bd783fc6d72b0d0e9589639079037753d28846bc3187794d940	\\x666f726d65723a15e483fc8666c86ebbb112b8967d73a55c71d8f2368d259dc6caa17f0570235220c7a29dfc01555f85bb315eec910a1dd8559001ae17498e5b5f2ba5b4d81d8a01b792221215601190242f	2026-11-22	2026-11-22	\N	\N	answered	200			1	2026-11-22 00:04:23+00		{"\\\\x666f726d65723a966b3d5d67ab9399b5c6da9ce8d21b36c6160f65667288322baf55a392f9f0ad"}	\\x666f726d65723a482d524767bcd12872cf07c9ef0bb94441b04d8a325847c6c3f478d412f0810c5304fa4a63c8f1b43b581d	\\xf30413dc236f22b5f31f15edb98c2ea13ed785154b1fd84c71bbfed0595a6c5e	\N
01a20091-9bc8-7428-8a43-8b89157e7e9f	2026-11-22 00:04:32.328078+00	52735	974761076		fd9c7493-aa43-5f25-9a12-b458e5c0ea29	zwgWI-Cwc7twzJEh1tv6PICfUgPH6wYWOOwgHP47x0k	bits:kontoinformasjon	http://127.0.0.1:60835/v2		fi-utlegg-saldo	1	FI-Utlegg-Test		\N	\N	ced2b670-027e-417f-87fa-50ed1f262fc5	fbb83376-03c1-4d38-8c9f-9309f3f6d93f	GET	accountDetails	\\x666f726d65723a3134197f4d5bdf9fa4baf03d6267836b5778c8523a2b4009cdb2ee7db155b758	\\x666f726d65723a1ed30f5f075aa6d42fcf3536ba5114e23cec4423443fe03f2f6af944f436f6f2d4cf7039cf6af5	\\x666f726d65723afff8c44098df991064b96eaaebe3fdbf3ddc7371c026eb8cf764ce9abddea3d3	\\x666f726d65723a67720bf663744c9c92d80141b3e1b19fac5284768f5e90520047825dc5bd7cadf532cc42166b18c6262ddd9f0cf08569d01eb3d415b6053a97bb6edfe04e1c02caff50e216628cc726b548	2026-11-22	2026-11-22	\N	\N	answered	200			1	2026-11-22 00:04:23+00		{"\\\\x666f726d65723ac9f1a40ae732131895cad00c83c6a630c35fcd69399907b5821a70dd4d5ea977"}	\\x666f726d65723a7d79c89040697f7e958c31515d982abb2d900f8498c23fd9b7af61fb5c09bcf300854bb0e98c1dfe022ce6	\\xb4e7e757b792a82d018c0a9ad461cf35da8afeec11f4f25955bef62dadf44397	\N
01a20091-9be6-73c9-aeb9-38f5ae1c7971	2026-11-22 00:04:32.358586+00	22278	974761076		fd9c7493-aa43-5f25-9a12-b458e5c0ea29	zwgWI-Cwc7twzJEh1tv6PICfUgPH6wYWOOwgHP47x0k	bits:kontoinformasjon	http://127.0.0.1:60835/v2		fi-utlegg-saldo	1	FI-Utlegg-Test		\N	\N	ced2b670-027e-417f-87fa-50ed1f262fc5	ac8ca8c8-50df-4303-b0a5-0c8415964dcf	GET	accountDetails	\\x666f726d65723a3134197f4d5bdf9fa4baf03d6267836b5778c8523a2b4009cdb2ee7db155b758	\\x666f726d65723a7cf093425ec00a2cc8b7e59b901b8fe85c17b1323ce28f4fef3400d3cc96ca1a5bf747258844df	\\x666f726d65723aad23e4f206eb4d7d7221d9b41ffed21c07245d21d1c18b6cb20dbc4c551e0265	\\x666f726d65723a2e188c50570b5488d71713ec00d0277349bed74a2e975a5c012d29a536732e6b6430cee8f67f76e9a435bd22888bd3501ef5eadaf8027afae54c4baf9cc0d650cc9098bc43e8d52e89e27e	2026-11-22	2026-11-22	\N	\N	answered	200			1	2026-11-22 00:04:23+00		{"\\\\x666f726d65723a920d55fa51361f5101d3f71672e8cc9e95d6952f424b3c99ff91f711538691c3"}	\\x666f726d65723ae383257ffaa4d6e43a26700d760c277df13928d909ea3ab7987afec1fccd5377958c5b8df7667e7b9bfb00	\\x5fe0c0f024a9cd1eef867b16265271d0ee03123506a4c0e4f3d34cec2a314e9f	\N
01a20091-9c05-73c8-9be6-018a7d9036a8	2026-11-22 00:04:32.389119+00	20152	974761076		fd9c7493-aa43-5f25-9a12-b458e5c0ea29	zwgWI-Cwc7twzJEh1tv6PICfUgPH6wYWOOwgHP47x0k	bits:kontoinformasjon	http://127.0.0.1:60835/v2		fi-utlegg-saldo	1	FI-Utlegg-Test		\N	\N	ced2b670-027e-417f-87fa-50ed1f262fc5	f4a11157-fede-4e18-9536-20668f1f9e9b	GET	accountDetails	\\x666f726d65723a3134197f4d5bdf9fa4baf03d6267836b5778c8523a2b4009cdb2ee7db155b758	\\x666f726d65723a59519e9b0b61bba7c702f4ecf277d35ed2a06eec7521a4865b918594737b4cfbaf7805ded14999	\\x666f726d65723a485ec99f6a39459462eed980de019d2a7609f935c098928628d4f9cf31bf4b04	\\x666f726d65723a0cd1f9f6da75e593e712bd1c6e073ea207e556255dc00b83483b4f6047517192f756d9d3b0b5cfe6b22948c07aa1780db8d6788c2eb918a5c23ecb4a6d522d670ccd8db8d8aa4f780b4f4e	2026-11-22	2026-11-22	\N	\N	answered	200			1	2026-11-22 00:04:23+00		{"\\\\x666f726d65723ae9c989d95bf64dd0d0ed52a7fa80d677aec39be69b2a9a22b83c9c9fadba61b7"}	\\x666f726d65723a5116838f045d4d2186c5fc88037455ddb85a0367ae3664016035d6991a47298641123f32548bbd8ed39492	\\xfbb3be895bbf0b993597722de9e2770c59c8f1c0b068fe8447f4cb71c8c9579b	\N
01a20091-9c24-739d-99b0-6f5c37409588	2026-11-22 00:04:32.420349+00	19486	974761076		fd9c7493-aa43-5f25-9a12-b458e5c0ea29	zwgWI-Cwc7twzJEh1tv6PICfUgPH6wYWOOwgHP47x0k	bits:kontoinformasjon	http://127.0.0.1:60835/v2		fi-utlegg-saldo	1	FI-Utlegg-Test		\N	\N	ced2b670-027e-417f-87fa-50ed1f262fc5	a98dd820-0792-4afb-a2ce-6e925b65a5b2	GET	accountDetails	\\x666f726d65723a3134197f4d5bdf9fa4baf03d6267836b5778c8523a2b4009cdb2ee7db155b758	\\x666f726d65723afe5aac7fc94e6023cddb2d702939333f0a770a87848e87244833ead2aaf2336f577009e2cbe5b2	\\x666f726d65723ae232f90a8f7a5705a55ecba4f3b2e1269df25a4e8f3f4cebf4c9db2286194664	\\x666f726d65723a4639d6424c0c48bd9a90e4d1c9888a933bdcb62fa022dbb8accaa5ef85aec58ea467b7e696b7c506db890cfc43c7213feaed5e4080103a477c70f9db6722280795590ecf1219f5394f27a4	2026-11-22	2026-11-22	\N	\N	answered	200			1	2026-11-22 00:04:23+00		{"\\\\x666f726d65723ad0deef90577e9b161ed533f76ad79a9d66aa0e95a54c77ef5827ed4a5c379694"}	\\x666f726d65723a1028666aa24fd5395f8f02b07a30ef6644fcd2e0bdea52d5c258b7721939159a2ff02b811bf5603133171b	\\x05c376ebb042e53819ceee11823e294011968cd1a83035ab851d8c706d3e323c	\N
01a20091-9c36-7975-8372-8fa6f02f6b55	2026-11-22 00:04:32.438439+00	535	974761076		fd9c7493-aa43-5f25-9a12-b458e5c0ea29	zwgWI-Cwc7twzJEh1tv6PICfUgPH6wYWOOwgHP47x0k	bits:kontoinformasjon	http://127.0.0.1:60835/v2			\N	FI-Utlegg-Test		\N	\N	ced2b670-027e-417f-87fa-50ed1f262fc5	0f9da095-65d0-4dfc-aa9b-201f77d9bd9c	GET	transactions	\N	\N	\\x666f726d65723a6de1873a74ca2bd783fc6d72b0d0e9589639079037753d28846bc3187794d940	\\x666f726d65723a073f531d2e4341d000f207c425b1d5a34c086090012b0ff98478e2baf3eaacfae58b4275ddf166598330587b0b3881e2c4659f4ebd1832b61b8a42099ea1a8f6984a7b10cf6c8d892af0d0	\N	\N	\N	\N	refused	400	ACC-001	TransactionsNotInMandate	\N	\N		{}	\N	\N	\N
01a20091-9c3f-752d-ad95-c547a9df79ed	2026-11-22 00:04:32.447665+00	331	974761076		fd9c7493-aa43-5f25-9a12-b458e5c0ea29	zwgWI-Cwc7twzJEh1tv6PICfUgPH6wYWOOwgHP47x0k	bits:kontoinformasjon	http://127.0.0.1:60835/v2			\N	FI-Utlegg-Test		\N	\N	ced2b670-027e-417f-87fa-50ed1f262fc5	c08c4be7-de30-47ef-9cb1-0f5b4e03516f	GET	roles	\N	\N	\\x666f726d65723a6de1873a74ca2bd783fc6d72b0d0e9589639079037753d28846bc3187794d940	\\x666f726d65723abf3f41269777c9f76dddfb8a2f9e46ea5a054d2cf0178247a475b9d918c8e3e3187ae877b56b53375ff934a98f70dacdc6d9beb0b0f002d91a597a24f8963062c9ee3162d470f998b3ef2d	\N	\N	\N	\N	refused	400	ACC-001	RolesNotInMandate	\N	\N		{}	\N	\N	\N
01a20091-9c49-7694-8244-914464d3ee6c	2026-11-22 00:04:32.457683+00	370	974761076		fd9c7493-aa43-5f25-9a12-b458e5c0ea29	zwgWI-Cwc7twzJEh1tv6PICfUgPH6wYWOOwgHP47x0k	bits:kontoinformasjon	http://127.0.0.1:60835/v2			\N	FI-Utlegg-Test		\N	\N	ced2b670-027e-417f-87fa-50ed1f262fc5	fff09a53-7d00-40c5-9de9-5fa56213803f	GET	cards	\N	\N	\\x666f726d65723a6de1873a74ca2bd783fc6d72b0d0e9589639079037753d28846bc3187794d940	\\x666f726d65723a38f768f1c965e3d22e44cc7858c1bd3da2a52ef946b9e3a342f88f255a3695eb9f04cb66ffcd774d6c8568a68ca979d4b7b5d59f218ad437ef4643cfb88ffb56536b8dd10a8f141233fe4e	\N	\N	\N	\N	refused	400	ACC-001	CardsNotInMandate	\N	\N		{}	\N	\N	\N
01a20091-9f9f-72f0-869f-b7bfbc60f3b5	2026-11-22 00:04:33.311753+00	22158	974761076		fd9c7493-aa43-5f25-9a12-b458e5c0ea29	wArTxu2FLKF0fsJtEIiGtFhRLS9JgW5Zx-4zf0x9zeE	bits:kundeforhold	http://127.0.0.1:60835/v2		fi-utlegg-saldo	1	FI-Utlegg-Test		\N	\N	c5be41e7-2c33-4781-8594-379ab4340c0b	64390cc9-1bff-4071-931c-353d20d5375a	GET	customerRelationships	\\x666f726d65723a3134197f4d5bdf9fa4baf03d6267836b5778c8523a2b4009cdb2ee7db155b758	\\x666f726d65723a2763cfddb2d9a92a37bb004f2c1577ef5ef21019d67f2bf0d608618257331355f015fd5dfc65c4	\N	\N	2026-11-22	2026-11-22	t	\N	answered	200			1	2026-11-22 00:04:23+00		{}	\N	\\x3b6a8daefed509042c397e6411b9a8837629a5fce9ff645fedd4a1ad9133c846	\N
01a20091-9fe8-7829-8f1c-61e4ed225b81	2026-11-22 00:04:33.384942+00	52980	974761076		fd9c7493-aa43-5f25-9a12-b458e5c0ea29	TjQTJz1W0Zj25Az6C8S1UumJW8j3d1qXCB4jb8LeGAc	bits:kontoinformasjon	http://127.0.0.1:60835/v2		fi-utlegg-saldo	1	FI-Utlegg-Test		\N	\N	c5be41e7-2c33-4781-8594-379ab4340c0b	c1e92434-3ead-472e-be26-23ed23414357	GET	accounts	\\x666f726d65723a3134197f4d5bdf9fa4baf03d6267836b5778c8523a2b4009cdb2ee7db155b758	\\x666f726d65723a76f1624f040e40eb1b8a40f92585b190dbc598f2d28721e80de21a5fc91ed50bced0126e51e3c5	\N	\N	2026-11-22	2026-11-22	t	\N	answered	200			5	2026-11-22 00:04:23+00		{"\\\\x666f726d65723a966b3d5d67ab9399b5c6da9ce8d21b36c6160f65667288322baf55a392f9f0ad","\\\\x666f726d65723ac9f1a40ae732131895cad00c83c6a630c35fcd69399907b5821a70dd4d5ea977","\\\\x666f726d65723a920d55fa51361f5101d3f71672e8cc9e95d6952f424b3c99ff91f711538691c3","\\\\x666f726d65723ae9c989d95bf64dd0d0ed52a7fa80d677aec39be69b2a9a22b83c9c9fadba61b7","\\\\x666f726d65723ad0deef90577e9b161ed533f76ad79a9d66aa0e95a54c77ef5827ed4a5c379694"}	\\x666f726d65723a5263037cc2dca8fa63f9af191879f7253e995014c3bf9358cfab3fc587a6283f1c36c28d9bfd6b7c7b830302c7df887e7934eb73e6178c61cb03fb46c6c670c7138c0f641dbe4d6615742cff750606bc58edc0c7bf4721ac216c28d85575166fda8bd13d164c2b	\\x2edbfced6fb0f77d07a51d026212215efb548c16cad83883941e0ddb03f7b9ac	\N
01a20091-a02c-7b22-8c6e-df40bada1c92	2026-11-22 00:04:33.452309+00	29711	974761076		fd9c7493-aa43-5f25-9a12-b458e5c0ea29	TjQTJz1W0Zj25Az6C8S1UumJW8j3d1qXCB4jb8LeGAc	bits:kontoinformasjon	http://127.0.0.1:60835/v2		fi-utlegg-saldo	1	FI-Utlegg-Test		\N	\N	c5be41e7-2c33-4781-8594-379ab4340c0b	193b1296-9d5d-467c-b86b-0c9922f1577d	GET	accountDetails	\\x666f726d65723a3134197f4d5bdf9fa4baf03d6267836b5778c8523a2b4009cdb2ee7db155b758	\\x666f726d65723a7f231a6fe1ea158d250720c3277b7d92bb9f9a4b2a2c6e271b38812d2f7d41b456568d2fea3474	\\x666f726d65723a06df0d9071f8a395baddfb5141cd6d3937c6cef1561fc016fd5b69e6786b6526	\\x666f726d65723a4086d6054f72cb2d6b6ed40edf20ccd0126d56909a0587a68289cb0b9e254270c7322e7d4a3aa60adbd506960999eb4c79984f9eed20ce21ccf90b9509a18c9b7bcc91a955f2d5762e77d5	2026-11-22	2026-11-22	\N	\N	answered	200			1	2026-11-22 00:04:23+00		{"\\\\x666f726d65723a966b3d5d67ab9399b5c6da9ce8d21b36c6160f65667288322baf55a392f9f0ad"}	\\x666f726d65723a81e359b9e6f5ab5168529a8ee1f7e7f7c781a942371e9a8952ae14f25398ba0e1ecfd80fcf6c7ec548ed58	\\xcdd06b65d9b708bd15d5a6c40f812a02c70597904440a832304959ae80449d82	\N
01a20091-a04e-7ece-9993-15301a44e57e	2026-11-22 00:04:33.486387+00	14948	974761076		fd9c7493-aa43-5f25-9a12-b458e5c0ea29	TjQTJz1W0Zj25Az6C8S1UumJW8j3d1qXCB4jb8LeGAc	bits:kontoinformasjon	http://127.0.0.1:60835/v2		fi-utlegg-saldo	1	FI-Utlegg-Test		\N	\N	c5be41e7-2c33-4781-8594-379ab4340c0b	d8cf393e-9336-4275-88d3-31a69673abca	GET	accountDetails	\\x666f726d65723a3134197f4d5bdf9fa4baf03d6267836b5778c8523a2b4009cdb2ee7db155b758	\\x666f726d65723acfa1a121e523b48e314375e8d70505ba202049babd9e3d6b163608622338bae95c5294bcbaeb28	\\x666f726d65723ad84f2cd8e8c153e10a471fc97ac43bb76114ce534e5c0dbd0d0e92cd2b9a82ee	\\x666f726d65723af19de07129ddfef3559f7a79870c7bbc44817b39a615e5222a953cd236233244493daffd903351bd8d23ff63ab5ba1a4c9b2db57ad130d17aa51bef7f64a63c060d3e0b0805a1497c5ad2e	2026-11-22	2026-11-22	\N	\N	answered	200			1	2026-11-22 00:04:23+00		{"\\\\x666f726d65723ac9f1a40ae732131895cad00c83c6a630c35fcd69399907b5821a70dd4d5ea977"}	\\x666f726d65723a61d24cbd268fd02763efee7df3174addeca3af9b56b9a38a53b773fb0c0826d4f0b6f761983aaf4334ef83	\\x03dc2b1f0b127f233da0479fbb972d98bc37b3b400147e023f572cc62460c41f	\N
01a20091-a081-76e2-b386-a2b8bcbb303e	2026-11-22 00:04:33.537804+00	398	974761076		fd9c7493-aa43-5f25-9a12-b458e5c0ea29	TjQTJz1W0Zj25Az6C8S1UumJW8j3d1qXCB4jb8LeGAc	bits:kontoinformasjon	http://127.0.0.1:60835/v2			\N	FI-Utlegg-Test		\N	\N	c5be41e7-2c33-4781-8594-379ab4340c0b	769bfd09-7f13-4365-9d84-31d8a3660c49	GET	transactions	\N	\N	\\x666f726d65723a06df0d9071f8a395baddfb5141cd6d3937c6cef1561fc016fd5b69e6786b6526	\\x666f726d65723afc7c1df6b5ad6f912a0326e45fa68fc285c573754387cbb056bfd662eb0e5a88cb17f09699ff9d30688a6378c8ba6da0580bcadf94cb6fd5cc14306e81ccbf64f01cc9a3784db20687eebd	\N	\N	\N	\N	refused	400	ACC-001	TransactionsNotInMandate	\N	\N		{}	\N	\N	\N
01a20091-a876-726b-abf6-2de5b4efdbbf	2026-11-22 00:04:35.57465+00	25688	974761076		fd9c7493-aa43-5f25-9a12-b458e5c0ea29	ho_m-vqmqHFuv1cc-myEIlgp2xCPeaet_WgrBN7jpyY	bits:kontoinformasjon	http://127.0.0.1:60835/v2		fi-utlegg-saldo	1	FI-Utlegg-Test		\N	\N	c0e43337-e622-4c02-a2b5-c0fd3c9c3f60	2ec00f6d-9e0c-4034-877c-a593b6262f7b	GET	accounts	\\x666f726d65723a62ad9f63a4a30dc3ccb68c2986ce25ddc66f8259193a2993b98ce864be697eaf	\\x666f726d65723a0d95d687adb68795c415980a6868bc99630d9a163e87d01fd84e5e1a12bbe2cdeefa2945bc3507	\N	\N	2026-11-22	2026-11-22	t	\N	answered	200			0	2026-11-22 00:04:23+00	guarantor only	{}	\N	\\x31c68ae1b3b05dae59d2fb46fe91c34a153d2277fcfa9356d6cc4eca2f13b442	\N
01a20091-a061-7dd2-a2e2-500ef32de83d	2026-11-22 00:04:33.505794+00	9766	974761076		fd9c7493-aa43-5f25-9a12-b458e5c0ea29	TjQTJz1W0Zj25Az6C8S1UumJW8j3d1qXCB4jb8LeGAc	bits:kontoinformasjon	http://127.0.0.1:60835/v2		fi-utlegg-saldo	1	FI-Utlegg-Test		\N	\N	c5be41e7-2c33-4781-8594-379ab4340c0b	aeeb15a1-82a1-4f7e-ae2c-254683ae2a20	GET	accountDetails	\\x666f726d65723a3134197f4d5bdf9fa4baf03d6267836b5778c8523a2b4009cdb2ee7db155b758	\\x666f726d65723a506f77fc10bfdfd77a98371b8eccd9c89489619a9dc882204390ee3fd3d98498757a54f99ae8f6	\\x666f726d65723a93f4debe4cd2a566371b1cdc4df5db7ae951a220c5508f1cbc9d6b0fab73ba3d	\\x666f726d65723a72a60642a251a886cfcf413ead5c8a3053054da1203ff8d9b171b1dcd9391fe33d5e2a22fb79520bc17906b46105466965392045614e084a29be1891119c486f91a229e5913b6c71eb2c89	2026-11-22	2026-11-22	\N	\N	answered	200			1	2026-11-22 00:04:23+00		{"\\\\x666f726d65723a920d55fa51361f5101d3f71672e8cc9e95d6952f424b3c99ff91f711538691c3"}	\\x666f726d65723a88d7d4268f4b0df67638c47d1a6ff55f639fdca6dc10a46bf5f4bfb9b619dbb45a2c3e83db4e575cf9affe	\\x7ca15a9ac19219e4c98b6abc1340e85e5c6ad7daf95c2714246a577c63cbbd9f	\N
01a20091-a087-773c-9a0c-e8f9d3684f82	2026-11-22 00:04:33.543887+00	226	974761076		fd9c7493-aa43-5f25-9a12-b458e5c0ea29	TjQTJz1W0Zj25Az6C8S1UumJW8j3d1qXCB4jb8LeGAc	bits:kontoinformasjon	http://127.0.0.1:60835/v2			\N	FI-Utlegg-Test		\N	\N	c5be41e7-2c33-4781-8594-379ab4340c0b	74621f90-52fa-4378-9fcc-044004882bcc	GET	roles	\N	\N	\\x666f726d65723a06df0d9071f8a395baddfb5141cd6d3937c6cef1561fc016fd5b69e6786b6526	\\x666f726d65723a26bb49b1aa054fc73ebce9bfc1a2ea3f27c0476a2f4f4bbab80e11f5194049e43afe3467b3e0e9d4f26b0d4ded98be9aeba7b5d15cff72e5d8572414af275d7553c284234ef2de99805720	\N	\N	\N	\N	refused	400	ACC-001	RolesNotInMandate	\N	\N		{}	\N	\N	\N
01a20091-a383-7a2e-a2d3-b8b1d1b8a1e1	2026-11-22 00:04:34.307035+00	13896	974761076		fd9c7493-aa43-5f25-9a12-b458e5c0ea29	1GND0wEQIe_7ILLPl90AaCFnyODkm8ivZwpapPhjC0A	bits:kontoinformasjon	http://127.0.0.1:60835/v2		fi-utlegg-saldo	1	FI-Utlegg-Test		\N	\N	2cd41920-ef96-4fc1-8008-4d71966cc17b	5329413a-9bc0-45a0-829b-7a900f3d315a	GET	accounts	\\x666f726d65723a5087922cb0f724bdf340fbed2a1cc33b6bb066869b5eb3ca9cacc78e309c3414	\\x666f726d65723a8b7b448c3a727d4d69faa10b0db9d14b8bfa1c6d2d067303aa063309c3a4d986abbfb5582f31be	\N	\N	2026-11-22	2026-11-22	t	\N	answered	200			0	2026-11-22 00:04:23+00	unknown party	{}	\N	\\x31c68ae1b3b05dae59d2fb46fe91c34a153d2277fcfa9356d6cc4eca2f13b442	\N
01a20091-a06e-7286-8ae2-2c1ff31b9584	2026-11-22 00:04:33.518239+00	8659	974761076		fd9c7493-aa43-5f25-9a12-b458e5c0ea29	TjQTJz1W0Zj25Az6C8S1UumJW8j3d1qXCB4jb8LeGAc	bits:kontoinformasjon	http://127.0.0.1:60835/v2		fi-utlegg-saldo	1	FI-Utlegg-Test		\N	\N	c5be41e7-2c33-4781-8594-379ab4340c0b	5b213048-5790-4c04-94c7-03b61d04bfa1	GET	accountDetails	\\x666f726d65723a3134197f4d5bdf9fa4baf03d6267836b5778c8523a2b4009cdb2ee7db155b758	\\x666f726d65723aaa9abafa2a3a5087105d943d9bf3969ab4400766e949c1142432d6207d58a50a2f8248fe2ce8d9	\\x666f726d65723ad198841aa6ac95b8511770670cd5b4af5e01e4e1af2ab5e5f07e3c3f46326429	\\x666f726d65723a56b4edf55f441f0738af0454125e50788731eec29f967da02e47a9452695b68d5739f8dbd997222a7df4c4d00d7b9a17cc6dc3573f31327175741ca04b568d232764ef2f0cf1ba20247c3b	2026-11-22	2026-11-22	\N	\N	answered	200			1	2026-11-22 00:04:23+00		{"\\\\x666f726d65723ae9c989d95bf64dd0d0ed52a7fa80d677aec39be69b2a9a22b83c9c9fadba61b7"}	\\x666f726d65723af92fb96843eea93aea5ea0a8c0d849cd8f67522a27d87c47cbdb10f37a9ef9dc2b6e4ac8f688b5cd5ec67a	\\x52c5112fafb1b0c0fd6c55a53c6833007bf6dfd6ad3045430343ee4ced330e0b	\N
01a20091-a08b-729d-9371-7ae88b2c7c91	2026-11-22 00:04:33.547716+00	252	974761076		fd9c7493-aa43-5f25-9a12-b458e5c0ea29	TjQTJz1W0Zj25Az6C8S1UumJW8j3d1qXCB4jb8LeGAc	bits:kontoinformasjon	http://127.0.0.1:60835/v2			\N	FI-Utlegg-Test		\N	\N	c5be41e7-2c33-4781-8594-379ab4340c0b	d0f63706-9c47-44fb-af11-2a2636a6c0f8	GET	cards	\N	\N	\\x666f726d65723a06df0d9071f8a395baddfb5141cd6d3937c6cef1561fc016fd5b69e6786b6526	\\x666f726d65723a7a19709421bf28ad312a3fd1405be68c84d3725d1792992ec0681c5c153dd1598965ad9a1303b7371a6d2952f83d64f90a52b9cabdfde9f8db7c031065d2746a63eaf47e70424577670d1c	\N	\N	\N	\N	refused	400	ACC-001	CardsNotInMandate	\N	\N		{}	\N	\N	\N
01a20091-a84d-7096-bbfb-d561d88634d5	2026-11-22 00:04:35.533547+00	14497	974761076		fd9c7493-aa43-5f25-9a12-b458e5c0ea29	-22Z0-WqYdO6VuuoOaVSWidytteoeCVo7yaLPXv25Ug	bits:kundeforhold	http://127.0.0.1:60835/v2		fi-utlegg-saldo	1	FI-Utlegg-Test		\N	\N	c0e43337-e622-4c02-a2b5-c0fd3c9c3f60	67937f18-403d-4fb2-a472-c869d97d0273	GET	customerRelationships	\\x666f726d65723a62ad9f63a4a30dc3ccb68c2986ce25ddc66f8259193a2993b98ce864be697eaf	\\x666f726d65723a43763b7fb508e0d6b09eb210ca5c9733e7522c223a64c7b46d98da3bfb0271e7f35f6cf27db27f	\N	\N	2026-11-22	2026-11-22	t	\N	answered	200			0	2026-11-22 00:04:23+00	guarantor only	{}	\N	\\xbd5a96d96f61482e6bd2190fb11848bfb0f0abc9c178d8fdd5ff93ce9e3f6170	\N
01a20091-a07c-748d-b498-d208147a20d8	2026-11-22 00:04:33.532231+00	11021	974761076		fd9c7493-aa43-5f25-9a12-b458e5c0ea29	TjQTJz1W0Zj25Az6C8S1UumJW8j3d1qXCB4jb8LeGAc	bits:kontoinformasjon	http://127.0.0.1:60835/v2		fi-utlegg-saldo	1	FI-Utlegg-Test		\N	\N	c5be41e7-2c33-4781-8594-379ab4340c0b	429929d1-1909-4122-952c-b985ce73aca8	GET	accountDetails	\\x666f726d65723a3134197f4d5bdf9fa4baf03d6267836b5778c8523a2b4009cdb2ee7db155b758	\\x666f726d65723a34d97d4d75d69f78156ddfcc6ee87396cacd969ff877edbe7c7e937dde4907c23dfdece26e4a34	\\x666f726d65723a706f8bcc93b8aab6d29f96d1f66dc55785fe98feb643dbc4052e3ef23aeec5a8	\\x666f726d65723a5681d635d807d814e23a884c37df32f6e5406577f686f5162d23a4a68c8f9a387bf134a647531bb7b3ffd6479529b8c03a5abdb066df339ef413a2d5335ecca7674fbcf3c09fad07e5b7ea	2026-11-22	2026-11-22	\N	\N	answered	200			1	2026-11-22 00:04:23+00		{"\\\\x666f726d65723ad0deef90577e9b161ed533f76ad79a9d66aa0e95a54c77ef5827ed4a5c379694"}	\\x666f726d65723a798577be381baf29a4d6f5fed7b4423e01bad7aee89f6582e0f64630f5ffbefa79af35cf6aa54be0b4c7f6	\\xa841a04903973554743b9467d639acd0da63a672930cac9a22662b2016278784	\N
01a20091-a36c-7fed-aea2-5a396ddc6d1b	2026-11-22 00:04:34.284379+00	14415	974761076		fd9c7493-aa43-5f25-9a12-b458e5c0ea29	qcOuU1Hzc63RR6b1E6PenVGmmxHK0E4rs_SZMDX0Mo4	bits:kundeforhold	http://127.0.0.1:60835/v2		fi-utlegg-saldo	1	FI-Utlegg-Test		\N	\N	2cd41920-ef96-4fc1-8008-4d71966cc17b	044124fe-1ae1-46ba-871a-3088ae06c918	GET	customerRelationships	\\x666f726d65723a5087922cb0f724bdf340fbed2a1cc33b6bb066869b5eb3ca9cacc78e309c3414	\\x666f726d65723a78013abf8e2d2471e2b6ffbdaffe180920367ccc1896f466203f8a8f904bbc507f46c4dabb84a4	\N	\N	2026-11-22	2026-11-22	t	\N	answered	200			0	2026-11-22 00:04:23+00	unknown party	{}	\N	\\xbd5a96d96f61482e6bd2190fb11848bfb0f0abc9c178d8fdd5ff93ce9e3f6170	\N
\.
COPY public.audit_record_2026_12 (id, at, duration_us, consumer, supplier, client_id, jti, scopes, audience, requester_id, service, service_version, legal_mandate, additional_reference_type, additional_reference_hash, additional_reference_sealed, account_info_request_id, correlation_id, method, endpoint, control_object_hash, control_object_sealed, account_reference_hash, account_reference_sealed, from_date, to_date, only_primary_owner, malformed_sealed, outcome, http_status, code, refusal, items, as_of, empty_because, account_hashes, accounts_sealed, document_digest, evidence) FROM stdin;
\.
COPY public.audit_record_2027_01 (id, at, duration_us, consumer, supplier, client_id, jti, scopes, audience, requester_id, service, service_version, legal_mandate, additional_reference_type, additional_reference_hash, additional_reference_sealed, account_info_request_id, correlation_id, method, endpoint, control_object_hash, control_object_sealed, account_reference_hash, account_reference_sealed, from_date, to_date, only_primary_owner, malformed_sealed, outcome, http_status, code, refusal, items, as_of, empty_because, account_hashes, accounts_sealed, document_digest, evidence) FROM stdin;
\.
COPY public.audit_record_2027_02 (id, at, duration_us, consumer, supplier, client_id, jti, scopes, audience, requester_id, service, service_version, legal_mandate, additional_reference_type, additional_reference_hash, additional_reference_sealed, account_info_request_id, correlation_id, method, endpoint, control_object_hash, control_object_sealed, account_reference_hash, account_reference_sealed, from_date, to_date, only_primary_owner, malformed_sealed, outcome, http_status, code, refusal, items, as_of, empty_because, account_hashes, accounts_sealed, document_digest, evidence) FROM stdin;
\.
COPY public.audit_turned_away_2026_11 (id, minute, reason, consumer, count) FROM stdin;
\.
COPY public.audit_turned_away_2026_12 (id, minute, reason, consumer, count) FROM stdin;
\.
COPY public.audit_turned_away_2027_01 (id, minute, reason, consumer, count) FROM stdin;
\.
COPY public.audit_turned_away_2027_02 (id, minute, reason, consumer, count) FROM stdin;
\.
COPY public.auth_group (id, name) FROM stdin;
1	administrator
2	compliance
\.
COPY public.auth_group_permissions (id, group_id, permission_id) FROM stdin;
1	1	48
2	1	44
3	1	52
4	2	44
5	2	48
6	2	52
7	2	53
8	2	54
\.
COPY public.auth_permission (id, name, content_type_id, codename) FROM stdin;
1	Can add financial institution	1	add_financialinstitution
2	Can change financial institution	1	change_financialinstitution
3	Can delete financial institution	1	delete_financialinstitution
4	Can view financial institution	1	view_financialinstitution
5	Can add party	2	add_party
6	Can change party	2	change_party
7	Can delete party	2	delete_party
8	Can view party	2	view_party
9	Can add account	3	add_account
10	Can change account	3	change_account
11	Can delete account	3	delete_account
12	Can view account	3	view_account
13	Can add guardianship	4	add_guardianship
14	Can change guardianship	4	change_guardianship
15	Can delete guardianship	4	delete_guardianship
16	Can view guardianship	4	view_guardianship
17	Can add account role	5	add_accountrole
18	Can change account role	5	change_accountrole
19	Can delete account role	5	delete_accountrole
20	Can view account role	5	view_accountrole
21	Can add party identifier	6	add_partyidentifier
22	Can change party identifier	6	change_partyidentifier
23	Can delete party identifier	6	delete_partyidentifier
24	Can view party identifier	6	view_partyidentifier
25	Can add payment card	7	add_paymentcard
26	Can change payment card	7	change_paymentcard
27	Can delete payment card	7	delete_paymentcard
28	Can view payment card	7	view_paymentcard
29	Can add transaction	8	add_transaction
30	Can change transaction	8	change_transaction
31	Can delete transaction	8	delete_transaction
32	Can view transaction	8	view_transaction
33	Can add balance	9	add_balance
34	Can change balance	9	change_balance
35	Can delete balance	9	delete_balance
36	Can view balance	9	view_balance
37	Can add register change	10	add_registerchange
38	Can change register change	10	change_registerchange
39	Can delete register change	10	delete_registerchange
40	Can view register change	10	view_registerchange
41	Can add service	11	add_service
42	Can change service	11	change_service
43	Can delete service	11	delete_service
44	Can view service	11	view_service
45	Can add agency	12	add_dataconsumer
46	Can change agency	12	change_dataconsumer
47	Can delete agency	12	delete_dataconsumer
48	Can view agency	12	view_dataconsumer
49	Can add version of a service	13	add_serviceversion
50	Can change version of a service	13	change_serviceversion
51	Can delete version of a service	13	delete_serviceversion
52	Can view version of a service	13	view_serviceversion
53	Can view audit record	14	view_auditrecord
54	Can view sum of requests turned away	15	view_turnedaway
55	Can add log entry	16	add_logentry
56	Can change log entry	16	change_logentry
57	Can delete log entry	16	delete_logentry
58	Can view log entry	16	view_logentry
59	Can add permission	17	add_permission
60	Can change permission	17	change_permission
61	Can delete permission	17	delete_permission
62	Can view permission	17	view_permission
63	Can add group	18	add_group
64	Can change group	18	change_group
65	Can delete group	18	delete_group
66	Can view group	18	view_group
67	Can add user	19	add_user
68	Can change user	19	change_user
69	Can delete user	19	delete_user
70	Can view user	19	view_user
71	Can add content type	20	add_contenttype
72	Can change content type	20	change_contenttype
73	Can delete content type	20	delete_contenttype
74	Can view content type	20	view_contenttype
75	Can add session	21	add_session
76	Can change session	21	change_session
77	Can delete session	21	delete_session
78	Can view session	21	view_session
\.
COPY public.auth_user (id, password, last_login, is_superuser, username, first_name, last_name, email, is_staff, is_active, date_joined) FROM stdin;
\.
COPY public.auth_user_groups (id, user_id, group_id) FROM stdin;
\.
COPY public.auth_user_user_permissions (id, user_id, permission_id) FROM stdin;
\.
COPY public.django_admin_log (id, action_time, object_id, object_repr, action_flag, change_message, content_type_id, user_id) FROM stdin;
\.
COPY public.django_content_type (id, app_label, model) FROM stdin;
1	accounts	financialinstitution
2	accounts	party
3	accounts	account
4	accounts	guardianship
5	accounts	accountrole
6	accounts	partyidentifier
7	accounts	paymentcard
8	accounts	transaction
9	accounts	balance
10	legal	registerchange
11	legal	service
12	legal	dataconsumer
13	legal	serviceversion
14	audit	auditrecord
15	audit	turnedaway
16	admin	logentry
17	auth	permission
18	auth	group
19	auth	user
20	contenttypes	contenttype
21	sessions	session
\.
COPY public.django_migrations (id, app, name, applied) FROM stdin;
1	accounts	0001_initial	2026-11-22 00:04:22.041827+00
2	contenttypes	0001_initial	2026-11-22 00:04:22.054146+00
3	auth	0001_initial	2026-11-22 00:04:22.12683+00
4	admin	0001_initial	2026-11-22 00:04:22.153843+00
5	admin	0002_logentry_remove_auto_add	2026-11-22 00:04:22.165671+00
6	admin	0003_logentry_add_action_flag_choices	2026-11-22 00:04:22.177072+00
7	audit	0001_initial	2026-11-22 00:04:22.294424+00
8	contenttypes	0002_remove_content_type_name	2026-11-22 00:04:22.340641+00
9	auth	0002_alter_permission_name_max_length	2026-11-22 00:04:22.362281+00
10	auth	0003_alter_user_email_max_length	2026-11-22 00:04:22.369171+00
11	auth	0004_alter_user_username_opts	2026-11-22 00:04:22.374661+00
12	auth	0005_alter_user_last_login_null	2026-11-22 00:04:22.387154+00
13	auth	0006_require_contenttypes_0002	2026-11-22 00:04:22.389779+00
14	auth	0007_alter_validators_add_error_messages	2026-11-22 00:04:22.440264+00
15	auth	0008_alter_user_username_max_length	2026-11-22 00:04:22.46015+00
16	auth	0009_alter_user_last_name_max_length	2026-11-22 00:04:22.475804+00
17	auth	0010_alter_group_name_max_length	2026-11-22 00:04:22.490497+00
18	auth	0011_update_proxy_permissions	2026-11-22 00:04:22.512989+00
19	auth	0012_alter_user_first_name_max_length	2026-11-22 00:04:22.529326+00
20	legal	0001_initial	2026-11-22 00:04:22.566655+00
21	legal	0002_register_change	2026-11-22 00:04:22.569474+00
22	sessions	0001_initial	2026-11-22 00:04:22.581802+00
\.
COPY public.django_session (session_key, session_data, expire_date) FROM stdin;
\.
COPY public.legal_dataconsumer (id, organisation_number, name, is_open) FROM stdin;
1	974761076	Skatteetaten	t
\.
COPY public.legal_register_change (id, number) FROM stdin;
1	5
\.
COPY public.legal_service (id, slug, name, is_open) FROM stdin;
1	fi-utlegg-saldo	FI-Utlegg Saldo	t
\.
COPY public.legal_serviceversion (id, number, state, rules, created_at, approved_at, service_id) FROM stdin;
bb6a34d4-9ba8-4f0a-9b22-750f6a7b56d7	1	approved	{"name": "FI-Utlegg Saldo", "steps": {"accounts": {"owner": "primary_owner_only", "scope": "bits:kontoinformasjon", "period": "today_only", "mandates": ["FI-Utlegg-Test"], "requester": "accepted", "precondition": "none", "additional_reference": "empty"}, "accountDetails": {"owner": "primary_owner_only", "scope": "bits:kontoinformasjon", "period": "today_only", "mandates": ["FI-Utlegg-Test"], "requester": "accepted", "precondition": "none", "additional_reference": "empty"}, "customerRelationships": {"owner": "primary_owner_only", "scope": "bits:kundeforhold", "period": "today_only", "mandates": ["FI-Utlegg-Test"], "requester": "accepted", "precondition": "none", "additional_reference": "empty"}}, "fields": {"accounts": {"links.rel": "technical", "links.href": "technical", "accounts.name": "withhold", "accounts.type": "deliver", "accounts.status": "deliver", "accounts.currency": "deliver", "accounts.servicer.name": "deliver", "responseDetails.status": "technical", "responseDetails.message": "deliver", "accounts.accountReference": "technical", "accounts.accountIdentifier": "technical", "accounts.primaryOwner.name": "deliver", "accounts.primaryOwner.endDate": "deliver", "accounts.primaryOwner.startDate": "deliver", "accounts.primaryOwner.permission": "deliver", "accounts.servicer.identifier.type": "technical", "accounts.servicer.identifier.value": "technical", "accounts.primaryOwner.identifier.type": "technical", "accounts.primaryOwner.identifier.value": "technical", "accounts.servicer.identifier.countryOfResidence": "deliver", "accounts.primaryOwner.identifier.countryOfResidence": "deliver"}, "accountDetails": {"account.name": "withhold", "account.type": "deliver", "account.status": "deliver", "account.endDate": "deliver", "account.currency": "deliver", "account.startDate": "deliver", "account.balances.type": "deliver", "account.servicer.name": "deliver", "responseDetails.status": "technical", "account.balances.amount": "deliver", "responseDetails.message": "deliver", "account.accountReference": "technical", "account.accountIdentifier": "technical", "account.balances.currency": "deliver", "account.primaryOwner.name": "deliver", "account.balances.registered": "deliver", "account.primaryOwner.endDate": "deliver", "account.primaryOwner.startDate": "deliver", "account.primaryOwner.permission": "deliver", "account.servicer.identifier.type": "technical", "account.balances.creditLineAmount": "deliver", "account.servicer.identifier.value": "technical", "account.balances.creditLineCurrency": "deliver", "account.balances.creditLineIncluded": "deliver", "account.primaryOwner.identifier.type": "technical", "account.balances.creditDebitIndicator": "deliver", "account.primaryOwner.identifier.value": "technical", "account.servicer.identifier.countryOfResidence": "deliver", "account.primaryOwner.identifier.countryOfResidence": "deliver"}}, "service": "fi-utlegg-saldo", "consumers": [{"name": "Skatteetaten", "organisation_number": "974761076"}]}	2026-11-22 00:04:23.357514+00	2026-11-22 00:04:23.357164+00	1
\.
SELECT pg_catalog.setval('public.auth_group_id_seq', 2, true);
SELECT pg_catalog.setval('public.auth_group_permissions_id_seq', 8, true);
SELECT pg_catalog.setval('public.auth_permission_id_seq', 78, true);
SELECT pg_catalog.setval('public.auth_user_groups_id_seq', 2, true);
SELECT pg_catalog.setval('public.auth_user_id_seq', 2, true);
SELECT pg_catalog.setval('public.auth_user_user_permissions_id_seq', 1, false);
SELECT pg_catalog.setval('public.django_admin_log_id_seq', 1, false);
SELECT pg_catalog.setval('public.django_content_type_id_seq', 21, true);
SELECT pg_catalog.setval('public.django_migrations_id_seq', 22, true);
SELECT pg_catalog.setval('public.legal_dataconsumer_id_seq', 1, true);
SELECT pg_catalog.setval('public.legal_service_id_seq', 1, true);
ALTER TABLE ONLY public.audit_record
    ADD CONSTRAINT audit_record_pkey PRIMARY KEY (id, at);
ALTER TABLE ONLY public.audit_record_2026_11
    ADD CONSTRAINT audit_record_2026_11_pkey PRIMARY KEY (id, at);
ALTER TABLE ONLY public.audit_record_2026_12
    ADD CONSTRAINT audit_record_2026_12_pkey PRIMARY KEY (id, at);
ALTER TABLE ONLY public.audit_record_2027_01
    ADD CONSTRAINT audit_record_2027_01_pkey PRIMARY KEY (id, at);
ALTER TABLE ONLY public.audit_record_2027_02
    ADD CONSTRAINT audit_record_2027_02_pkey PRIMARY KEY (id, at);
ALTER TABLE ONLY public.audit_turned_away
    ADD CONSTRAINT audit_turned_away_pkey PRIMARY KEY (id, minute);
ALTER TABLE ONLY public.audit_turned_away_2026_11
    ADD CONSTRAINT audit_turned_away_2026_11_pkey PRIMARY KEY (id, minute);
ALTER TABLE ONLY public.audit_turned_away_2026_12
    ADD CONSTRAINT audit_turned_away_2026_12_pkey PRIMARY KEY (id, minute);
ALTER TABLE ONLY public.audit_turned_away_2027_01
    ADD CONSTRAINT audit_turned_away_2027_01_pkey PRIMARY KEY (id, minute);
ALTER TABLE ONLY public.audit_turned_away_2027_02
    ADD CONSTRAINT audit_turned_away_2027_02_pkey PRIMARY KEY (id, minute);
ALTER TABLE ONLY public.auth_group
    ADD CONSTRAINT auth_group_name_key UNIQUE (name);
ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissions_group_id_permission_id_0cd325b0_uniq UNIQUE (group_id, permission_id);
ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissions_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.auth_group
    ADD CONSTRAINT auth_group_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.auth_permission
    ADD CONSTRAINT auth_permission_content_type_id_codename_01ab375a_uniq UNIQUE (content_type_id, codename);
ALTER TABLE ONLY public.auth_permission
    ADD CONSTRAINT auth_permission_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.auth_user_groups
    ADD CONSTRAINT auth_user_groups_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.auth_user_groups
    ADD CONSTRAINT auth_user_groups_user_id_group_id_94350c0c_uniq UNIQUE (user_id, group_id);
ALTER TABLE ONLY public.auth_user
    ADD CONSTRAINT auth_user_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.auth_user_user_permissions
    ADD CONSTRAINT auth_user_user_permissions_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.auth_user_user_permissions
    ADD CONSTRAINT auth_user_user_permissions_user_id_permission_id_14a6b632_uniq UNIQUE (user_id, permission_id);
ALTER TABLE ONLY public.auth_user
    ADD CONSTRAINT auth_user_username_key UNIQUE (username);
ALTER TABLE ONLY public.django_admin_log
    ADD CONSTRAINT django_admin_log_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.django_content_type
    ADD CONSTRAINT django_content_type_app_label_model_76bd3d3b_uniq UNIQUE (app_label, model);
ALTER TABLE ONLY public.django_content_type
    ADD CONSTRAINT django_content_type_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.django_migrations
    ADD CONSTRAINT django_migrations_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.django_session
    ADD CONSTRAINT django_session_pkey PRIMARY KEY (session_key);
ALTER TABLE ONLY public.legal_dataconsumer
    ADD CONSTRAINT legal_dataconsumer_organisation_number_key UNIQUE (organisation_number);
ALTER TABLE ONLY public.legal_dataconsumer
    ADD CONSTRAINT legal_dataconsumer_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.legal_register_change
    ADD CONSTRAINT legal_register_change_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.legal_service
    ADD CONSTRAINT legal_service_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.legal_service
    ADD CONSTRAINT legal_service_slug_key UNIQUE (slug);
ALTER TABLE ONLY public.legal_serviceversion
    ADD CONSTRAINT legal_serviceversion_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.legal_serviceversion
    ADD CONSTRAINT service_version_once UNIQUE (service_id, number);
CREATE INDEX audit_record_case ON ONLY public.audit_record USING btree (account_info_request_id, at);
CREATE INDEX audit_record_2026_11_account_info_request_id_at_idx ON public.audit_record_2026_11 USING btree (account_info_request_id, at);
CREATE INDEX audit_record_newest ON ONLY public.audit_record USING btree (at, id);
CREATE INDEX audit_record_2026_11_at_id_idx ON public.audit_record_2026_11 USING btree (at, id);
CREATE INDEX audit_record_control_object ON ONLY public.audit_record USING btree (control_object_hash, at);
CREATE INDEX audit_record_2026_11_control_object_hash_at_idx ON public.audit_record_2026_11 USING btree (control_object_hash, at);
CREATE INDEX audit_record_correlation ON ONLY public.audit_record USING btree (correlation_id, at);
CREATE INDEX audit_record_2026_11_correlation_id_at_idx ON public.audit_record_2026_11 USING btree (correlation_id, at);
CREATE INDEX audit_record_2026_12_account_info_request_id_at_idx ON public.audit_record_2026_12 USING btree (account_info_request_id, at);
CREATE INDEX audit_record_2026_12_at_id_idx ON public.audit_record_2026_12 USING btree (at, id);
CREATE INDEX audit_record_2026_12_control_object_hash_at_idx ON public.audit_record_2026_12 USING btree (control_object_hash, at);
CREATE INDEX audit_record_2026_12_correlation_id_at_idx ON public.audit_record_2026_12 USING btree (correlation_id, at);
CREATE INDEX audit_record_2027_01_account_info_request_id_at_idx ON public.audit_record_2027_01 USING btree (account_info_request_id, at);
CREATE INDEX audit_record_2027_01_at_id_idx ON public.audit_record_2027_01 USING btree (at, id);
CREATE INDEX audit_record_2027_01_control_object_hash_at_idx ON public.audit_record_2027_01 USING btree (control_object_hash, at);
CREATE INDEX audit_record_2027_01_correlation_id_at_idx ON public.audit_record_2027_01 USING btree (correlation_id, at);
CREATE INDEX audit_record_2027_02_account_info_request_id_at_idx ON public.audit_record_2027_02 USING btree (account_info_request_id, at);
CREATE INDEX audit_record_2027_02_at_id_idx ON public.audit_record_2027_02 USING btree (at, id);
CREATE INDEX audit_record_2027_02_control_object_hash_at_idx ON public.audit_record_2027_02 USING btree (control_object_hash, at);
CREATE INDEX audit_record_2027_02_correlation_id_at_idx ON public.audit_record_2027_02 USING btree (correlation_id, at);
CREATE INDEX audit_turned_away_newest ON ONLY public.audit_turned_away USING btree (minute, id);
CREATE INDEX audit_turned_away_2026_11_minute_id_idx ON public.audit_turned_away_2026_11 USING btree (minute, id);
CREATE INDEX audit_turned_away_2026_12_minute_id_idx ON public.audit_turned_away_2026_12 USING btree (minute, id);
CREATE INDEX audit_turned_away_2027_01_minute_id_idx ON public.audit_turned_away_2027_01 USING btree (minute, id);
CREATE INDEX audit_turned_away_2027_02_minute_id_idx ON public.audit_turned_away_2027_02 USING btree (minute, id);
CREATE INDEX auth_group_name_a6ea08ec_like ON public.auth_group USING btree (name varchar_pattern_ops);
CREATE INDEX auth_group_permissions_group_id_b120cbf9 ON public.auth_group_permissions USING btree (group_id);
CREATE INDEX auth_group_permissions_permission_id_84c5c92e ON public.auth_group_permissions USING btree (permission_id);
CREATE INDEX auth_permission_content_type_id_2f476e4b ON public.auth_permission USING btree (content_type_id);
CREATE INDEX auth_user_groups_group_id_97559544 ON public.auth_user_groups USING btree (group_id);
CREATE INDEX auth_user_groups_user_id_6a12ed8b ON public.auth_user_groups USING btree (user_id);
CREATE INDEX auth_user_user_permissions_permission_id_1fbb5f2c ON public.auth_user_user_permissions USING btree (permission_id);
CREATE INDEX auth_user_user_permissions_user_id_a95ead1b ON public.auth_user_user_permissions USING btree (user_id);
CREATE INDEX auth_user_username_6821ab7c_like ON public.auth_user USING btree (username varchar_pattern_ops);
CREATE INDEX django_admin_log_content_type_id_c4bce8eb ON public.django_admin_log USING btree (content_type_id);
CREATE INDEX django_admin_log_user_id_c564eba6 ON public.django_admin_log USING btree (user_id);
CREATE INDEX django_session_expire_date_a5c62663 ON public.django_session USING btree (expire_date);
CREATE INDEX django_session_session_key_c0390e0f_like ON public.django_session USING btree (session_key varchar_pattern_ops);
CREATE INDEX legal_dataconsumer_organisation_number_9b92efb0_like ON public.legal_dataconsumer USING btree (organisation_number varchar_pattern_ops);
CREATE INDEX legal_service_slug_bd82c9f7_like ON public.legal_service USING btree (slug varchar_pattern_ops);
CREATE INDEX legal_serviceversion_service_id_caaa63d3 ON public.legal_serviceversion USING btree (service_id);
CREATE UNIQUE INDEX one_approved_version_of_a_service ON public.legal_serviceversion USING btree (service_id) WHERE ((state)::text = 'approved'::text);
ALTER INDEX public.audit_record_case ATTACH PARTITION public.audit_record_2026_11_account_info_request_id_at_idx;
ALTER INDEX public.audit_record_newest ATTACH PARTITION public.audit_record_2026_11_at_id_idx;
ALTER INDEX public.audit_record_control_object ATTACH PARTITION public.audit_record_2026_11_control_object_hash_at_idx;
ALTER INDEX public.audit_record_correlation ATTACH PARTITION public.audit_record_2026_11_correlation_id_at_idx;
ALTER INDEX public.audit_record_pkey ATTACH PARTITION public.audit_record_2026_11_pkey;
ALTER INDEX public.audit_record_case ATTACH PARTITION public.audit_record_2026_12_account_info_request_id_at_idx;
ALTER INDEX public.audit_record_newest ATTACH PARTITION public.audit_record_2026_12_at_id_idx;
ALTER INDEX public.audit_record_control_object ATTACH PARTITION public.audit_record_2026_12_control_object_hash_at_idx;
ALTER INDEX public.audit_record_correlation ATTACH PARTITION public.audit_record_2026_12_correlation_id_at_idx;
ALTER INDEX public.audit_record_pkey ATTACH PARTITION public.audit_record_2026_12_pkey;
ALTER INDEX public.audit_record_case ATTACH PARTITION public.audit_record_2027_01_account_info_request_id_at_idx;
ALTER INDEX public.audit_record_newest ATTACH PARTITION public.audit_record_2027_01_at_id_idx;
ALTER INDEX public.audit_record_control_object ATTACH PARTITION public.audit_record_2027_01_control_object_hash_at_idx;
ALTER INDEX public.audit_record_correlation ATTACH PARTITION public.audit_record_2027_01_correlation_id_at_idx;
ALTER INDEX public.audit_record_pkey ATTACH PARTITION public.audit_record_2027_01_pkey;
ALTER INDEX public.audit_record_case ATTACH PARTITION public.audit_record_2027_02_account_info_request_id_at_idx;
ALTER INDEX public.audit_record_newest ATTACH PARTITION public.audit_record_2027_02_at_id_idx;
ALTER INDEX public.audit_record_control_object ATTACH PARTITION public.audit_record_2027_02_control_object_hash_at_idx;
ALTER INDEX public.audit_record_correlation ATTACH PARTITION public.audit_record_2027_02_correlation_id_at_idx;
ALTER INDEX public.audit_record_pkey ATTACH PARTITION public.audit_record_2027_02_pkey;
ALTER INDEX public.audit_turned_away_newest ATTACH PARTITION public.audit_turned_away_2026_11_minute_id_idx;
ALTER INDEX public.audit_turned_away_pkey ATTACH PARTITION public.audit_turned_away_2026_11_pkey;
ALTER INDEX public.audit_turned_away_newest ATTACH PARTITION public.audit_turned_away_2026_12_minute_id_idx;
ALTER INDEX public.audit_turned_away_pkey ATTACH PARTITION public.audit_turned_away_2026_12_pkey;
ALTER INDEX public.audit_turned_away_newest ATTACH PARTITION public.audit_turned_away_2027_01_minute_id_idx;
ALTER INDEX public.audit_turned_away_pkey ATTACH PARTITION public.audit_turned_away_2027_01_pkey;
ALTER INDEX public.audit_turned_away_newest ATTACH PARTITION public.audit_turned_away_2027_02_minute_id_idx;
ALTER INDEX public.audit_turned_away_pkey ATTACH PARTITION public.audit_turned_away_2027_02_pkey;
CREATE TRIGGER audit_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_record FOR EACH STATEMENT EXECUTE FUNCTION public.audit_refuse_change();
CREATE TRIGGER audit_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_record_2026_11 FOR EACH STATEMENT EXECUTE FUNCTION public.audit_refuse_change();
CREATE TRIGGER audit_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_record_2026_12 FOR EACH STATEMENT EXECUTE FUNCTION public.audit_refuse_change();
CREATE TRIGGER audit_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_record_2027_01 FOR EACH STATEMENT EXECUTE FUNCTION public.audit_refuse_change();
CREATE TRIGGER audit_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_record_2027_02 FOR EACH STATEMENT EXECUTE FUNCTION public.audit_refuse_change();
CREATE TRIGGER audit_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_turned_away FOR EACH STATEMENT EXECUTE FUNCTION public.audit_refuse_change();
CREATE TRIGGER audit_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_turned_away_2026_11 FOR EACH STATEMENT EXECUTE FUNCTION public.audit_refuse_change();
CREATE TRIGGER audit_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_turned_away_2026_12 FOR EACH STATEMENT EXECUTE FUNCTION public.audit_refuse_change();
CREATE TRIGGER audit_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_turned_away_2027_01 FOR EACH STATEMENT EXECUTE FUNCTION public.audit_refuse_change();
CREATE TRIGGER audit_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_turned_away_2027_02 FOR EACH STATEMENT EXECUTE FUNCTION public.audit_refuse_change();
CREATE TRIGGER register_changed AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON public.legal_dataconsumer FOR EACH STATEMENT EXECUTE FUNCTION public.legal_register_changed();
CREATE TRIGGER register_changed AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON public.legal_service FOR EACH STATEMENT EXECUTE FUNCTION public.legal_register_changed();
CREATE TRIGGER register_changed AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON public.legal_serviceversion FOR EACH STATEMENT EXECUTE FUNCTION public.legal_register_changed();
ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissio_permission_id_84c5c92e_fk_auth_perm FOREIGN KEY (permission_id) REFERENCES public.auth_permission(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissions_group_id_b120cbf9_fk_auth_group_id FOREIGN KEY (group_id) REFERENCES public.auth_group(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.auth_permission
    ADD CONSTRAINT auth_permission_content_type_id_2f476e4b_fk_django_co FOREIGN KEY (content_type_id) REFERENCES public.django_content_type(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.auth_user_groups
    ADD CONSTRAINT auth_user_groups_group_id_97559544_fk_auth_group_id FOREIGN KEY (group_id) REFERENCES public.auth_group(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.auth_user_groups
    ADD CONSTRAINT auth_user_groups_user_id_6a12ed8b_fk_auth_user_id FOREIGN KEY (user_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.auth_user_user_permissions
    ADD CONSTRAINT auth_user_user_permi_permission_id_1fbb5f2c_fk_auth_perm FOREIGN KEY (permission_id) REFERENCES public.auth_permission(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.auth_user_user_permissions
    ADD CONSTRAINT auth_user_user_permissions_user_id_a95ead1b_fk_auth_user_id FOREIGN KEY (user_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.django_admin_log
    ADD CONSTRAINT django_admin_log_content_type_id_c4bce8eb_fk_django_co FOREIGN KEY (content_type_id) REFERENCES public.django_content_type(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.django_admin_log
    ADD CONSTRAINT django_admin_log_user_id_c564eba6_fk_auth_user_id FOREIGN KEY (user_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.legal_serviceversion
    ADD CONSTRAINT legal_serviceversion_service_id_caaa63d3_fk_legal_service_id FOREIGN KEY (service_id) REFERENCES public.legal_service(id) DEFERRABLE INITIALLY DEFERRED;
GRANT USAGE ON SCHEMA public TO dsop_serving;
GRANT SELECT,INSERT ON TABLE public.audit_record TO dsop_serving;
GRANT SELECT,INSERT ON TABLE public.audit_turned_away TO dsop_serving;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.auth_group TO dsop_serving;
GRANT USAGE ON SEQUENCE public.auth_group_id_seq TO dsop_serving;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.auth_group_permissions TO dsop_serving;
GRANT USAGE ON SEQUENCE public.auth_group_permissions_id_seq TO dsop_serving;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.auth_permission TO dsop_serving;
GRANT USAGE ON SEQUENCE public.auth_permission_id_seq TO dsop_serving;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.auth_user TO dsop_serving;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.auth_user_groups TO dsop_serving;
GRANT USAGE ON SEQUENCE public.auth_user_groups_id_seq TO dsop_serving;
GRANT USAGE ON SEQUENCE public.auth_user_id_seq TO dsop_serving;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.auth_user_user_permissions TO dsop_serving;
GRANT USAGE ON SEQUENCE public.auth_user_user_permissions_id_seq TO dsop_serving;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.django_admin_log TO dsop_serving;
GRANT USAGE ON SEQUENCE public.django_admin_log_id_seq TO dsop_serving;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.django_content_type TO dsop_serving;
GRANT USAGE ON SEQUENCE public.django_content_type_id_seq TO dsop_serving;
GRANT SELECT ON TABLE public.django_migrations TO dsop_serving;
GRANT USAGE ON SEQUENCE public.django_migrations_id_seq TO dsop_serving;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.django_session TO dsop_serving;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.legal_dataconsumer TO dsop_serving;
GRANT USAGE ON SEQUENCE public.legal_dataconsumer_id_seq TO dsop_serving;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.legal_register_change TO dsop_serving;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.legal_service TO dsop_serving;
GRANT USAGE ON SEQUENCE public.legal_service_id_seq TO dsop_serving;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.legal_serviceversion TO dsop_serving;
