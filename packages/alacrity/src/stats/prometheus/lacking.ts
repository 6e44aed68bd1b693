/** What HAProxy's exporter has and this one has not, and why: the name ends like this. */
export const lacking: readonly { readonly names: RegExp; readonly why: string }[] = [
  { names: /_ssl_|^haproxy_process_frontend_ssl_reuse$/, why: 'there is no TLS at binds and servers' },
  { names: /_http_/, why: 'there is no HTTP between clients and servers' },
  { names: /_failed_header_rewriting_total$/, why: 'there are no headers to rewrite' },
  { names: /_intercepted_requests_total$/, why: 'there are no requests to intercept' },
  { names: /_zlib_memory$/, why: 'nothing is compressed' },
  { names: /_pipes_|_max_pipes$|_spliced_/, why: 'nothing goes through kernel pipes' },
  { names: /_pool_/, why: "memory is V8's, there are no pools" },
  { names: /_peers$/, why: 'there are no stick tables, so no peers' },
  { names: /_busy_polling_enabled$/, why: 'Node does not poll busily' },
  { names: /_recv_logs_total$/, why: 'there is no log-forward' },
  { names: /_idle_connections_/, why: 'connections to servers are never kept idle' },
]
