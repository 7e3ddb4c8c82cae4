// The one way to the server: the Connect client generated from the protos, same origin, JSON so that a browser's
// network tab can be read.
import { Code, ConnectError, createClient } from '@connectrpc/connect';
import { createConnectTransport } from '@connectrpc/connect-web';
import { AdminService } from '../gen/yokoten/admin/v1/service_pb';
import { InsightService } from '../gen/yokoten/insight/v1/service_pb';

const transport = createConnectTransport({ baseUrl: window.location.origin, useBinaryFormat: false });

export const insight = createClient(InsightService, transport);
export const admin = createClient(AdminService, transport);

export const deadlineMs = 15_000;

// Whether asking again later may help.
export function isTransient(error: unknown): boolean {
  const { code } = ConnectError.from(error);
  return [
    Code.Unavailable,
    Code.DeadlineExceeded,
    Code.Unknown,
    Code.ResourceExhausted,
    Code.Aborted,
    Code.Canceled,
  ].includes(code);
}

export function errorText(error: unknown): string {
  return ConnectError.from(error).rawMessage;
}
