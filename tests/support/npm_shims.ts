/**
 * Test support: what npm writes on Windows as `NAME.cmd` before a program; elsewhere it makes links. With line ends of
 * Windows, as cmd.exe wants them.
 *
 * @module
 */

const HEAD = `@ECHO off
GOTO start
:find_dp0
SET dp0=%~dp0
EXIT /b
:start
SETLOCAL
CALL :find_dp0
`;

/** @param script of Node, relative to the shim, with backslashes */
export function npmScriptShim(script: string): string {
  return withWindowsEnds(`${HEAD}
IF EXIST "%dp0%\\node.exe" (
  SET "_prog=%dp0%\\node.exe"
) ELSE (
  SET "_prog=node"
  SET PATHEXT=%PATHEXT:;.JS;=;%
)

endLocal & goto #_undefined_# 2>NUL || title %COMSPEC% & "%_prog%"  "%dp0%\\${script}" %*
`);
}

/** @param program an executable, relative to the shim, with backslashes */
export function npmProgramShim(program: string): string {
  return withWindowsEnds(`${HEAD}"%dp0%\\${program}"   %*\n`);
}

export function withWindowsEnds(text: string): string {
  return text.replaceAll("\n", "\r\n");
}
