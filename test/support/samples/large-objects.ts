/** Objects that grow in more than one place at once: looking at each place from each other one would take minutes. */
export const largeObjects: Readonly<Record<string, (count: number) => object>> = {
  'steps, each with a param of type object': (count) =>
    task({
      params: many(count, (index) => ({ name: `p${index}`, type: 'object', properties: { a: {} } })),
      steps: many(count, (index) => ({ image: 'i', script: `$(params.p${index}.a)` })),
    }),
  'a text that names many objects': (count) =>
    task({
      params: many(count, (index) => ({ name: `p${index}`, type: 'object', properties: { a: {} } })),
      steps: [{ image: 'i', script: many(count, (index) => `$(params.p${index}.b)`).join(' ') }],
    }),
  'steps, and objects whose names are patterns': (count) =>
    task({
      params: many(count, (index) => ({ name: `p.${index}`, type: 'object', properties: { a: {} } })),
      steps: many(count, (index) => ({ image: 'i', script: `$(params.p.${index}.a)` })),
    }),
  'steps with undeclared params beside declared ones': (count) =>
    task({
      params: many(count, (index) => ({ name: `p${index}` })),
      steps: many(count, (index) => ({ image: 'i', script: `$(params.q${index})` })),
    }),
  'steps, and a template with as many variables': (count) =>
    task({
      stepTemplate: { env: many(count, (index) => ({ name: `V${index}`, value: 'v' })) },
      steps: many(count, () => ({ image: 'i', env: [{ name: 'W', value: 'w' }] })),
    }),
  'a step and its template with the same mounts in another order': (count) =>
    task({
      stepTemplate: { volumeMounts: many(count, (index) => ({ name: 'v', mountPath: `/m${index}` })) },
      steps: [
        {
          image: 'i',
          volumeMounts: many(count, (index) => ({ name: 'w', mountPath: `/m${count - index}` })),
        },
      ],
    }),
  'embedded tasks, and params of the pipeline': (count) =>
    pipeline({
      params: many(count, (index) => ({ name: `p${index}`, type: 'object', properties: { a: {} } })),
      tasks: many(count, (index) => ({
        name: `t${index}`,
        taskSpec: {
          params: [{ name: 'own', default: 'x' }],
          steps: [{ image: 'i', script: `$(params.p${index}.a)` }],
        },
      })),
    }),
  'all results of a task with a matrix': (count) =>
    pipeline({
      tasks: [
        {
          name: 'm',
          matrix: { params: [{ name: 'a', value: ['x'] }] },
          taskSpec: {
            results: many(count, (index) => ({ name: `r${index}`, type: 'array' })),
            steps: [{ image: 'i' }],
          },
        },
        {
          ...waiting(1, []),
          params: [{ name: 'p', value: many(count, (index) => `$(tasks.m.results.r${index}[*])`) }],
        },
      ],
    }),
  'defaults, each of which names the next param': (count) => ({
    apiVersion: 'tekton.dev/v1alpha1',
    kind: 'StepAction',
    metadata: { name: 'x' },
    spec: {
      image: 'i',
      params: many(count, (index) => ({
        name: `p${index}`,
        default: index + 1 < count ? `$(params.p${index + 1})` : 'x',
      })),
    },
  }),
};

function many<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

function waiting(index: number, runAfter: readonly string[]): object {
  return { name: `t${index}`, taskRef: { name: 't' }, runAfter };
}

function task(spec: object): object {
  return { apiVersion: 'tekton.dev/v1', kind: 'Task', metadata: { name: 'x' }, spec };
}

function pipeline(spec: object): object {
  return { apiVersion: 'tekton.dev/v1', kind: 'Pipeline', metadata: { name: 'x' }, spec };
}
