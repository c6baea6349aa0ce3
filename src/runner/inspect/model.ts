// model.ts: the subjects of `tiltlab inspect` that need a model

export interface ModelOptions {
  model?: string
  adapter?: string
  engine: 'reference' | 'webgpu'
  dtype: Dtype
}

export interface ModelSubject {
  description: string
  answer(document: unknown, options: ModelOptions): Promise<unknown>
}

export const modelSubjects: Readonly<Record<string, ModelSubject>> = {}
type Dtype = 'q8'
