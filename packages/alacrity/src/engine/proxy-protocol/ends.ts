/** Who talks to whom, as a PROXY header says. */
export interface Ends {
  readonly source: End
  readonly destination: End
}

export interface End {
  readonly address: string
  readonly port: number
}
