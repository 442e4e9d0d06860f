/** The hinge of the house: what clients take and what servers are. */
export type Fetch = (request: Request) => Promise<Response>;
