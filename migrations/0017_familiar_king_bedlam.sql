CREATE TABLE `awaited_voters` (
	`zone_id` text NOT NULL,
	`node_id` text NOT NULL,
	PRIMARY KEY(`zone_id`, `node_id`)
);
