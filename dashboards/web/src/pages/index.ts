// The pages. A new one is a folder beside `board` and a line here: the header's list, its address and its loading
// follow.
import type { ComponentType } from 'react';
import type { Bilingual } from '../i18n/lang';
import type { PageProps } from './page';
import { Board } from './board/Board';

export interface Page {
  // Address: "/<id>"; the board is "/".
  id: string;
  title: Bilingual;
  component: ComponentType<PageProps>;
}

export const pages: readonly Page[] = [{ id: '', title: { zh: '日常管理板', en: 'Plant board' }, component: Board }];
