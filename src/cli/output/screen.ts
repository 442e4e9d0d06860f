export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';
export type Paint = (style: Style, text: string) => string;

/** What lines are fitted to. */
export interface Screen {
  readonly paint: Paint;
  /** Text from outside as it will be written: what is measured and broken is what is seen. */
  readonly clean: (text: string) => string;
  /** Columns of the terminal; infinite if the stream is not a terminal, so that no line is broken in a file or a log. */
  readonly width: number;
  /** False where the terminal cannot show more than ASCII. */
  readonly unicode: boolean;
}
