import { AppError } from "../kit/errors.ts";

/** Also the answer to who may not see a room. */
export function roomNotFound(): AppError {
  return new AppError("ROOM_NOT_FOUND", "There is no such room.");
}

export function notAMember(): AppError {
  return new AppError("NOT_A_MEMBER", "You are not in this room. Join it first.");
}

export function roleTooLow(): AppError {
  return new AppError("ROLE_TOO_LOW", "Your role in this room does not allow it.");
}

export function memberNotFound(): AppError {
  return new AppError("MEMBER_NOT_FOUND", "This person is not in the room.");
}

export function inviteInvalid(): AppError {
  return new AppError("INVITE_INVALID", "This invitation is not valid, or not any more.");
}

export function notWaiting(): AppError {
  return new AppError("NOT_WAITING", "Nobody like that waits to be admitted.");
}

export function roomFull(): AppError {
  return new AppError("ROOM_FULL", "This room is full.");
}
