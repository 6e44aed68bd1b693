import type { Channel, InterceptingListener } from '@grpc/grpc-js'

// grpc-js exports no names for these: they are what `createCall` of a channel takes and returns.

type CreateCall = Channel['createCall']

/** A call, as the clients of grpc-js use it. */
export type Call = ReturnType<CreateCall>
export type CallListener = InterceptingListener
export type MessageContext = Parameters<Call['sendMessageWithContext']>[0]
export type AuthContext = ReturnType<Call['getAuthContext']>
/** The call of a server, in whose course another is made. */
export type ParentCall = NonNullable<Parameters<CreateCall>[3]>
