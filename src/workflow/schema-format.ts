/** The two kinds of document that describe a workflow. */
export const schemaFormats = ['workflow-schema', 'remediation-workflow'] as const;

export type SchemaFormat = (typeof schemaFormats)[number];
