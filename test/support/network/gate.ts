export interface Gate {
  open(): void;
  readonly opened: Promise<void>;
}

/** Something to wait for that another part of a test decides. */
export function gate(): Gate {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}
