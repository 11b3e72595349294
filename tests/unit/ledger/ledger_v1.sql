PRAGMA application_id=1213223729;
BEGIN TRANSACTION;
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
INSERT INTO "attempt" VALUES(1,1,1,'COMPLETED','w1','node-a',4711,10.0,12.5,2.5,2.0,1048576,0.5,0.25,'{"acc":0.30000000000000004,"loss":{"$float":"nan"}}',NULL,'','','','log line',718143786,NULL);
INSERT INTO "attempt" VALUES(2,1,1,'FAILED','w1','node-a',4711,10.0,12.5,2.5,0.0,0,NULL,NULL,'{}','error','ValueError','C is negative','Traceback ...','',2685838198,NULL);
INSERT INTO "attempt" VALUES(3,1,1,'FAILED','w1','node-a',4711,10.0,20.0,NULL,NULL,NULL,NULL,NULL,'{}','crash','ValueError','C is negative','Traceback ...','',3631512382,NULL);
INSERT INTO "attempt" VALUES(4,1,1,'CANCELLED','w1','node-a',4711,10.0,100.0,NULL,NULL,NULL,NULL,NULL,'{}',NULL,'','','','',1246514620,NULL);
INSERT INTO "attempt" VALUES(3,2,1,'COMPLETED','w1','node-a',4711,10.0,12.5,2.5,2.0,1048576,NULL,NULL,'{"acc":0.5}',NULL,'','','','log line',3506200756,1);
INSERT INTO "attempt" VALUES(5,1,1,'TIMEOUT','w1','node-a',NULL,10.0,12.5,2.5,0.0,0,NULL,NULL,'{}','timeout','ValueError','C is negative','Traceback ...','',2295448156,NULL);
CREATE TABLE context (
	digest TEXT NOT NULL, 
	parts TEXT NOT NULL, 
	versions TEXT NOT NULL, 
	created_at DOUBLE NOT NULL, 
	checksum BIGINT NOT NULL, 
	PRIMARY KEY (digest)
);
INSERT INTO "context" VALUES('c0ffee','{}','{}',100.0,2854274703);
CREATE TABLE outbox (
	seq INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	"key" TEXT NOT NULL, 
	at DOUBLE NOT NULL, 
	checksum BIGINT NOT NULL, 
	PRIMARY KEY (seq)
);
INSERT INTO "outbox" VALUES(1,'study_begun','',100.0,2083246405);
INSERT INTO "outbox" VALUES(2,'trial_begun','v1:1',100.0,993556288);
INSERT INTO "outbox" VALUES(3,'trial_begun','v1:2',100.0,1639092897);
INSERT INTO "outbox" VALUES(4,'trial_begun','v1:3',100.0,2226098015);
INSERT INTO "outbox" VALUES(5,'trial_begun','v1:4',100.0,2211003314);
INSERT INTO "outbox" VALUES(6,'trial_ended','v1:1',100.0,780260893);
INSERT INTO "outbox" VALUES(7,'trial_ended','v1:2',100.0,1946891260);
INSERT INTO "outbox" VALUES(8,'trial_ended','v1:3',100.0,1070263200);
INSERT INTO "outbox" VALUES(9,'trial_ended','v1:é',100.0,3809432721);
INSERT INTO "outbox" VALUES(10,'trial_ended','v1:4',100.0,1329486477);
INSERT INTO "outbox" VALUES(11,'study_ended','',100.0,1651202078);
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
INSERT INTO "report" VALUES(1,1,0,1.0,'{"acc":0.25}',11.0,2294330805);
CREATE TABLE schema_version (
	version INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	applied_at DOUBLE NOT NULL, 
	checksum BIGINT NOT NULL, 
	PRIMARY KEY (version)
);
INSERT INTO "schema_version" VALUES(0,'initial',100.0,1021065589);
INSERT INTO "schema_version" VALUES(1,'shared',100.0,3801677949);
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
INSERT INTO "split_score" VALUES(1,1,0,0,'{"acc":0.5}',80,20,0.25,0.125,2702571432);
INSERT INTO "split_score" VALUES(1,1,0,1,'{"acc":0.1}',80,20,0.25,0.125,2087904475);
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
INSERT INTO "study" VALUES(1,'5b4238fef8c64e0fa12df9381cbdc965','example','c0ffee','acc','max',NULL,'version: 1
','','{"team":"growth"}','["C"]','','','',NULL,1,'INTERRUPTED',100.0,100.0,100.0,3249469415);
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
INSERT INTO "trial" VALUES(1,'v1:1','cfg-1','{"C":1,"kernel":"rbf"}','0','c0ffee','COMPLETED',1,1,1,'COMPLETED','{"acc":0.30000000000000004,"loss":{"$float":"nan"}}',3.00000000000000044408e-01,2,1,10.0,3612331325);
INSERT INTO "trial" VALUES(2,'v1:2','cfg-2','{"C":2,"kernel":"rbf"}','0','c0ffee','FAILED',1,1,1,'FAILED','{}',NULL,0,0,10.0,3997344408);
INSERT INTO "trial" VALUES(3,'v1:3','cfg-3','{"C":3,"kernel":"rbf"}','0','c0ffee','COMPLETED',2,1,2,'COMPLETED','{"acc":0.5}',0.5,0,0,10.0,4042712322);
INSERT INTO "trial" VALUES(4,'v1:4','cfg-4','{"C":4,"kernel":"rbf"}','0','c0ffee','CANCELLED',1,1,NULL,NULL,'{}',NULL,0,0,10.0,34233518);
INSERT INTO "trial" VALUES(5,'v1:é','cfg-é','{}','0','c0ffee','TIMEOUT',1,1,1,'TIMEOUT','{}',NULL,0,0,10.0,2986834445);
CREATE INDEX trial_score ON trial (context, score);
CREATE INDEX trial_config ON trial (config_id);
CREATE INDEX trial_status ON trial (context, status);
COMMIT;
