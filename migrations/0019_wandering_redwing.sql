CREATE TABLE `secret_keys` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`key_id` text NOT NULL,
	`salt` text NOT NULL,
	`scrypt_n` integer NOT NULL,
	`key_check` text NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `secret_keys_key_id_unique` ON `secret_keys` (`key_id`);