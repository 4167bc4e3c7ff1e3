// The mesh's data plane: one object, whose programs share their maps.
//
//   connect(2)    connect4, connect6   service → backend, may this workload connect there?
//   SYN leaves    egress               puts the connection on record, with the workload it comes from
//   SYN arrives   ingress              may that workload connect here?
//   established   sockops              enrols both ends for the shortcut; counts, measures
//   write(2)      shortcut             from socket to socket, where both ends are here
//   any packet    egress, ingress      counts what goes over TCP
export * from "./connect.bpf.ts";
export * from "./connection.bpf.ts";
export * from "./identity.bpf.ts";
export * from "./metrics.bpf.ts";
export * from "./packets.bpf.ts";
export * from "./policy.bpf.ts";
export * from "./shortcut.bpf.ts";
export * from "./sockops.bpf.ts";
