/** Pages whose fences are not yet marked for their test; a page that is gone or converted leaves this list. */
export const pendingPages: readonly string[] = [];
