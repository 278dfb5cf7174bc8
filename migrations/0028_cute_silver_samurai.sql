DROP INDEX `requests_state`;--> statement-breakpoint
CREATE INDEX `requests_open` ON `requests` (`state`) WHERE state in ('quoted', 'paying', 'paid', 'running', 'undelivered');