/**
 * Room `cli`: a host's configuration file while it is changed. Rule of this file: an edit of the text is kept only if
 * it parses to exactly the intended data, so that entries of others stay as they are.
 *
 * @module
 */
import { AgentAsyncError } from "../../domain/errors.ts";
import { removeIfExists } from "../../system/files/files.ts";
import {
  backUp,
  BACKUP_SUFFIX,
  type HostFileFormat,
  isReadOnlyFile,
  parseHostFile,
  readHostFile,
  unknownForm,
  writeHostFile,
  wrongKind,
} from "./host_file.ts";
import { appendJson, removeJson, setJson } from "../../config/edit/json_edit.ts";
import {
  isEmpty,
  isPlain,
  mergedWith,
  type Path,
  type Plain,
  saysTheSame,
  valueAt,
  withoutEmpty,
  withValueAt,
} from "./plain_data.ts";
import { hasTomlTable, removeTomlTable, setTomlTable } from "./toml_edit.ts";

export interface HostFileReference {
  readonly path: string;
  readonly format: HostFileFormat;
  /** Members that the host requires in a file that we create. */
  readonly newFile?: Plain;
}

const BYTE_ORDER_MARK = "\ufeff";

export class HostDocument {
  readonly file: HostFileReference;
  /** The text as it was read; `null` when there is no file. */
  readonly original: string | null;
  #hadBackup: boolean;
  /** Whether the host's own command has edited the file on the disk. */
  #isEdited = false;
  #text: string;
  #data: Plain;

  /** @throws AgentAsyncError `config_invalid` for a file that cannot be read or parsed. */
  constructor(file: HostFileReference, original = readHostFile(file.path)) {
    this.file = file;
    this.original = original;
    this.#hadBackup = readHostFile(`${file.path}${BACKUP_SUFFIX}`) !== null;
    this.#text = original ?? "";
    this.#data = this.#parsed(this.#text);
  }

  get data(): Plain {
    return this.#data;
  }

  get isChanged(): boolean {
    return this.#text !== (this.original ?? "");
  }

  /** Sets the keys of `values` in the object at `path`; its other keys stay, and so do those of objects in it. */
  merge(path: Path, values: Plain): void {
    const before = this.#objectAt(path);
    if (this.file.format === "toml") {
      const merged = mergedWith(before, values);
      if (saysTheSame(before, merged)) return;
      if (before !== undefined && !hasTomlTable(this.#text, path)) throw unknownForm(this.file.path, path);
      const changed = Object.entries(merged).filter(([key, value]) => !saysTheSame(value, before?.[key]));
      this.#keep(setTomlTable(this.#body, path, Object.fromEntries(changed)), path, merged);
      return;
    }
    if (before === undefined) return this.#keep(setJson(this.#body, path, values), path, values);
    for (const [key, value] of Object.entries(values)) {
      const inner = [...path, key];
      const old = before[key];
      if (isPlain(value) && isPlain(old)) this.merge(inner, value);
      else if (!saysTheSame(old, value)) this.#keep(setJson(this.#body, inner, value), inner, value);
    }
  }

  /** Removes the value at `path`, and the objects around it that this leaves empty unless `isKept` is true of them. */
  remove(path: Path, isKept: (path: Path) => boolean = () => false): void {
    if (valueAt(this.#data, path) === undefined) return;
    if (this.file.format === "toml") {
      if (!hasTomlTable(this.#text, path)) throw unknownForm(this.file.path, path);
      this.#keep(removeTomlTable(this.#body, path), path, undefined);
      return;
    }
    this.#keep(removeJson(this.#body, path), path, undefined);
    const around = path.slice(0, -1);
    if (around.length > 0 && isEmpty(valueAt(this.#data, around)) && !isKept(around)) {
      this.remove(around, isKept);
    }
  }

  /** Puts `item` into the list at `path` and removes the other items that `isOurs` matches. JSON only. */
  addItem(path: Path, item: unknown, isOurs: (item: unknown) => boolean): void {
    const isReplaced = (other: unknown) => isOurs(other) && !saysTheSame(other, item);
    this.#dropItems(path, isReplaced);
    const others = this.#listAt(path);
    if (others.some((other) => saysTheSame(other, item))) return;
    this.#keep(appendJson(this.#body, path, item), path, [...others, item]);
  }

  /** Removes the items that `isOurs` matches, and the list at `path` if that leaves it empty. JSON only. */
  removeItems(path: Path, isOurs: (item: unknown) => boolean, isKept: (path: Path) => boolean): void {
    if (!this.#dropItems(path, isOurs)) return;
    if (this.#listAt(path).length === 0 && !isKept(path)) this.remove(path, isKept);
  }

  /**
   * Takes over the text of `other`, an edit of the file's earlier text, when both say the same apart from empty
   * objects around `path`. When another program has written since, its text stays and the old layout is lost.
   */
  takeLayout(other: HostDocument, path: Path): void {
    if (!saysTheSame(withoutEmpty(this.#data, path), withoutEmpty(other.#data, path))) return;
    this.#text = other.#text;
    this.#data = other.#data;
    this.#hadBackup = other.#hadBackup;
    this.#isEdited = true;
  }

  /** @throws AgentAsyncError `config_invalid` when the document is changed and its file is read-only. */
  requireWritable(): void {
    const { path } = this.file;
    if (!this.isChanged || !isReadOnlyFile(path)) return;
    throw new AgentAsyncError("config_invalid", `${path} is read-only`, {
      hint: "It was left as it is: make it writable, then try again.",
    });
  }

  /**
   * Backs the file up and writes the document when they differ. A file that is left empty, and that we created since
   * it has no backup, is removed.
   *
   * @param options.isBackedUp whether the present change has already made the backup.
   * @returns whether the file was written or removed.
   * @throws AgentAsyncError `conflict` when another program has changed the file since it was read.
   */
  save({ isBackedUp = false }: { isBackedUp?: boolean } = {}): boolean {
    const isEmptied = this.#isEdited && this.#isOursToRemove;
    if (!this.isChanged && !isEmptied) return false;
    const { path } = this.file;
    if (readHostFile(path) !== this.original) {
      throw new AgentAsyncError("conflict", `${path} was changed by another program at the same moment`, {
        hint: "That change was left as it is: try again.",
      });
    }
    if (this.#isOursToRemove) {
      removeIfExists(path);
      removeIfExists(`${path}${BACKUP_SUFFIX}`);
    } else {
      if (!isBackedUp) backUp(path);
      writeHostFile(path, this.#text);
    }
    return true;
  }

  /** The backup, with the text from before our last change: empty when there is none or it cannot be parsed. */
  backup(): HostDocument {
    try {
      return new HostDocument(this.file, readHostFile(`${this.file.path}${BACKUP_SUFFIX}`) ?? "");
    } catch (error) {
      if (!(error instanceof AgentAsyncError)) throw error;
      return new HostDocument(this.file, "");
    }
  }

  /** Marks the backup as holding nothing of others: it is removed along with the file. */
  disownBackup(): void {
    this.#hadBackup = false;
  }

  /** Whether the document is empty, or holds only what the host requires of a new file. */
  get isBare(): boolean {
    const { newFile } = this.file;
    return ["", "{}"].includes(this.#text.trim()) ||
      (newFile !== undefined && saysTheSame(this.#data, newFile));
  }

  /** Whether the document is bare and no backup shows that the file existed before us. */
  get #isOursToRemove(): boolean {
    return !this.#hadBackup && this.isBare;
  }

  get #body(): string {
    return this.#text.startsWith(BYTE_ORDER_MARK) ? this.#text.slice(1) : this.#text;
  }

  #dropItems(path: Path, isOurs: (item: unknown) => boolean): boolean {
    const items = this.#listAt(path);
    for (let index = items.length - 1; index >= 0; index--) {
      if (!isOurs(items[index])) continue;
      const left = this.#listAt(path).filter((_, other) => other !== index);
      this.#keep(removeJson(this.#body, path, index), path, left);
    }
    return items.some(isOurs);
  }

  #keep(body: string, path: Path, value: unknown): void {
    const text = this.#text.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK + body : body;
    const data = this.#readBack(text);
    const expected = withValueAt(this.#data, path, value);
    const isRight = value === undefined
      ? saysTheSame(withoutEmpty(data, path), withoutEmpty(expected, path))
      : saysTheSame(data, expected);
    if (data === null || !isRight) throw unknownForm(this.file.path, path);
    this.#text = text;
    this.#data = data;
  }

  #readBack(text: string): Plain | null {
    try {
      return this.#parsed(text);
    } catch {
      return null;
    }
  }

  #parsed(text: string): Plain {
    return parseHostFile(text, this.file.path, this.file.format);
  }

  #objectAt(path: Path): Plain | undefined {
    for (let depth = 1; depth <= path.length; depth++) {
      const value = valueAt(this.#data, path.slice(0, depth));
      if (value !== undefined && !isPlain(value)) {
        throw wrongKind(this.file.path, path.slice(0, depth), "an object");
      }
    }
    const value = valueAt(this.#data, path);
    return isPlain(value) ? value : undefined;
  }

  #listAt(path: Path): readonly unknown[] {
    this.#objectAt(path.slice(0, -1));
    const value = valueAt(this.#data, path) ?? [];
    if (Array.isArray(value)) return value;
    throw wrongKind(this.file.path, path, "a list");
  }
}
