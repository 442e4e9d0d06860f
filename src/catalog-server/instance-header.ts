/** The response header that carries the instance of an embedded catalog. */
export const catalogInstanceHeader = 'bundles-catalog-instance';
