CREATE TABLE attempt (
	trial BIGINT NOT NULL,
	attempt INTEGER NOT NULL,
	epoch INTEGER NOT NULL,
	status TEXT NOT NULL,
	worker TEXT NOT NULL,
	node TEXT NOT NULL,
	pid BIGINT,
	started_at DOUBLE NOT NULL,
	ended_at DOUBLE,
	seconds DOUBLE,
	cpu_s DOUBLE,
	peak_rss_bytes BIGINT,
	fit_s DOUBLE,
	score_s DOUBLE,
	metrics TEXT NOT NULL,
	error_kind TEXT,
	error_type TEXT NOT NULL,
	error TEXT NOT NULL,
	traceback TEXT NOT NULL,
	log TEXT NOT NULL,
	checksum BIGINT NOT NULL, shared INTEGER,
	PRIMARY KEY (trial, attempt),
	FOREIGN KEY(trial) REFERENCES trial (number)
);
CREATE TABLE context (
	digest TEXT NOT NULL,
	parts TEXT NOT NULL,
	versions TEXT NOT NULL,
	created_at DOUBLE NOT NULL,
	checksum BIGINT NOT NULL,
	PRIMARY KEY (digest)
);
CREATE TABLE outbox (
	seq INTEGER NOT NULL,
	kind TEXT NOT NULL,
	"key" TEXT NOT NULL,
	at DOUBLE NOT NULL,
	checksum BIGINT NOT NULL,
	PRIMARY KEY (seq)
);
CREATE TABLE report (
	trial BIGINT NOT NULL,
	attempt INTEGER NOT NULL,
	seq INTEGER NOT NULL,
	step DOUBLE,
	metrics TEXT NOT NULL,
	at DOUBLE NOT NULL,
	checksum BIGINT NOT NULL,
	PRIMARY KEY (trial, attempt, seq),
	FOREIGN KEY(trial) REFERENCES trial (number)
)
 WITHOUT ROWID
;
CREATE TABLE schema_version (
	version INTEGER NOT NULL,
	name TEXT NOT NULL,
	applied_at DOUBLE NOT NULL,
	checksum BIGINT NOT NULL,
	PRIMARY KEY (version)
);
CREATE TABLE split_score (
	trial BIGINT NOT NULL,
	attempt INTEGER NOT NULL,
	repeat INTEGER NOT NULL,
	fold INTEGER NOT NULL,
	scores TEXT NOT NULL,
	n_train BIGINT NOT NULL,
	n_test BIGINT NOT NULL,
	fit_s DOUBLE,
	score_s DOUBLE,
	checksum BIGINT NOT NULL,
	PRIMARY KEY (trial, attempt, repeat, fold),
	FOREIGN KEY(trial) REFERENCES trial (number)
)
 WITHOUT ROWID
;
CREATE TABLE study (
	id INTEGER NOT NULL,
	uid TEXT NOT NULL,
	name TEXT NOT NULL,
	context TEXT NOT NULL,
	metric_name TEXT NOT NULL,
	metric_mode TEXT NOT NULL,
	metric_target DOUBLE,
	spec_text TEXT NOT NULL,
	description TEXT NOT NULL,
	tags TEXT NOT NULL,
	varying TEXT NOT NULL,
	dataset TEXT NOT NULL,
	dataset_digest TEXT NOT NULL,
	experiment TEXT NOT NULL,
	planned BIGINT,
	epoch INTEGER NOT NULL,
	state TEXT NOT NULL,
	created_at DOUBLE NOT NULL,
	started_at DOUBLE NOT NULL,
	ended_at DOUBLE,
	checksum BIGINT NOT NULL,
	PRIMARY KEY (id)
);
CREATE TABLE trial (
	number INTEGER NOT NULL,
	"key" TEXT NOT NULL,
	config_id TEXT NOT NULL,
	params TEXT NOT NULL,
	seed TEXT NOT NULL,
	context TEXT NOT NULL,
	status TEXT NOT NULL,
	attempt INTEGER NOT NULL,
	first_attempt INTEGER NOT NULL,
	result_attempt INTEGER,
	result_status TEXT,
	metrics TEXT NOT NULL,
	score DOUBLE,
	splits INTEGER NOT NULL,
	reports INTEGER NOT NULL,
	begun_at DOUBLE NOT NULL,
	checksum BIGINT NOT NULL,
	PRIMARY KEY (number),
	UNIQUE ("key")
);
CREATE INDEX trial_config ON trial (config_id);
CREATE INDEX trial_score ON trial (context, score);
CREATE INDEX trial_status ON trial (context, status);
