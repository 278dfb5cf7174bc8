CREATE TABLE `wallet_words` (
	`chain_id` integer NOT NULL,
	`sender` text NOT NULL,
	`nonce` integer NOT NULL,
	`given_by` text NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`chain_id`, `sender`)
);
