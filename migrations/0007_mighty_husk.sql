CREATE TABLE `bound_nodes` (
	`fingerprint` integer PRIMARY KEY NOT NULL,
	`seen_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `bound_nodes_seen_at` ON `bound_nodes` (`seen_at`);--> statement-breakpoint
INSERT OR IGNORE INTO `bound_nodes` SELECT (instr('0123456789abcdef', substr(node_id, 7, 1)) - 1) * 281474976710656 + (instr('0123456789abcdef', substr(node_id, 8, 1)) - 1) * 17592186044416 + (instr('0123456789abcdef', substr(node_id, 9, 1)) - 1) * 1099511627776 + (instr('0123456789abcdef', substr(node_id, 10, 1)) - 1) * 68719476736 + (instr('0123456789abcdef', substr(node_id, 11, 1)) - 1) * 4294967296 + (instr('0123456789abcdef', substr(node_id, 12, 1)) - 1) * 268435456 + (instr('0123456789abcdef', substr(node_id, 13, 1)) - 1) * 16777216 + (instr('0123456789abcdef', substr(node_id, 14, 1)) - 1) * 1048576 + (instr('0123456789abcdef', substr(node_id, 15, 1)) - 1) * 65536 + (instr('0123456789abcdef', substr(node_id, 16, 1)) - 1) * 4096 + (instr('0123456789abcdef', substr(node_id, 17, 1)) - 1) * 256 + (instr('0123456789abcdef', substr(node_id, 18, 1)) - 1) * 16 + (instr('0123456789abcdef', substr(node_id, 19, 1)) - 1) * 1, seen_at FROM `peers` WHERE bound_at IS NOT NULL;--> statement-breakpoint
INSERT INTO `usage` SELECT 'member', node_id, count(*), 0 FROM members GROUP BY node_id;--> statement-breakpoint
INSERT INTO `usage` SELECT kind, '', sum(rows), sum(bytes) FROM `usage` WHERE kind = 'member' GROUP BY kind;
