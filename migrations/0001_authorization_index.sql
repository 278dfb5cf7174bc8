DROP INDEX `payments_authorization`;--> statement-breakpoint
CREATE UNIQUE INDEX `payments_authorization` ON `payments` (`chain_id`,`token`,`payer`,`nonce`) WHERE payer is not null;