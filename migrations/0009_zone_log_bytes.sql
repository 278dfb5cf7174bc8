ALTER TABLE `zones` ADD `log_bytes` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
UPDATE `zones` SET `log_bytes` = (SELECT coalesce(sum(octet_length(`data`) + 400), 0) FROM `zone_log` WHERE `zone_log`.`zone_id` = `zones`.`zone_id`);
