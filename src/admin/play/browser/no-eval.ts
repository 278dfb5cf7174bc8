import { z } from "zod";

// Before any schema is made: zod would otherwise try `new Function`, which the page's policy reports.
z.config({ jitless: true });
