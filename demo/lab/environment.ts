/** The machine lacks something that the lab needs. The message says what, the remedy how to get it. */
export class EnvironmentError extends Error {
  readonly remedy: string | undefined;

  constructor(message: string, remedy?: string) {
    super(message);
    this.name = "EnvironmentError";
    this.remedy = remedy;
  }
}
