CREATE TABLE `usage` (
	`kind` text NOT NULL,
	`owner` text NOT NULL,
	`rows` integer NOT NULL,
	`bytes` integer NOT NULL,
	PRIMARY KEY(`kind`, `owner`)
);--> statement-breakpoint
INSERT INTO `usage` SELECT 'request', node_id, count(*), sum(512 + octet_length(params) + coalesce(octet_length(result), 0) + coalesce(octet_length(failure), 0)) FROM requests WHERE paid = 0 AND state <> 'paying' GROUP BY node_id;--> statement-breakpoint
INSERT INTO `usage` SELECT 'quote', node_id, count(*), 0 FROM payments WHERE state IN ('quoted', 'expired') GROUP BY node_id;--> statement-breakpoint
INSERT INTO `usage` SELECT 'direct', sender, count(*), sum(octet_length(message)) FROM direct_messages GROUP BY sender;--> statement-breakpoint
INSERT INTO `usage` SELECT kind, '', sum(rows), sum(bytes) FROM `usage` GROUP BY kind;
