// Made by test/goldens/onnx/operator-schemas.py from onnx 1.23.2 and, for com.microsoft, onnxruntime 1.31.1. Do not edit.
// One line a schema: `Name version[!deprecated]|inputs|outputs|attributes|type constraints`, read by
// operator-schema.ts.

/** Sets of allowed types, referred to by index. */
export const typeSets: readonly string[] = [
  'float16 float32 float64',
  'float16 float32 float64 int16 int32 int64 int8 uint16 uint32 uint64 uint8',
  'bfloat16 float16 float32 float64 int16 int32 int64 int8 uint16 uint32 uint64 uint8',
  'bfloat16 float16 float32 float64',
  'float16 float32 float64 int32 int64 uint32 uint64',
  'bfloat16 float16 float32 float64 int32 int64 uint32 uint64',
  'int64',
  'bool',
  'bfloat16 bool float16 float32 float64 int16 int32 int64 int8 uint16 uint32 uint64 uint8',
  'bfloat16 bool complex128 complex64 float16 float32 float4e2m1 float64 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz float8e8m0 int16 int2 int32 int4 int64 int8 uint16 uint2 uint32 uint4 uint64 uint8',
  'uint16 uint32 uint64 uint8',
  'int16 int32 int64 int8 uint16 uint32 uint64 uint8',
  'int32 int64',
  'bool float16 float32 float64 int16 int32 int64 int8 uint16 uint32 uint64 uint8',
  'bool float16 float32 float64 int16 int32 int64 int8 string uint16 uint32 uint64 uint8',
  'bfloat16 bool float16 float32 float64 int16 int32 int64 int8 string uint16 uint32 uint64 uint8',
  'bfloat16 bool float16 float32 float64 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz int16 int32 int64 int8 string uint16 uint32 uint64 uint8',
  'bfloat16 bool float16 float32 float64 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz int16 int32 int4 int64 int8 string uint16 uint32 uint4 uint64 uint8',
  'bfloat16 bool float16 float32 float4e2m1 float64 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz int16 int32 int4 int64 int8 string uint16 uint32 uint4 uint64 uint8',
  'bfloat16 bool float16 float32 float4e2m1 float64 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz float8e8m0 int16 int32 int4 int64 int8 string uint16 uint32 uint4 uint64 uint8',
  'bfloat16 bool float16 float32 float4e2m1 float64 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz float8e8m0 int16 int2 int32 int4 int64 int8 string uint16 uint2 uint32 uint4 uint64 uint8',
  'bfloat16 bool float16 float32 float4e2m1 float64 float6e2m3 float6e3m2 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz float8e8m0 int16 int2 int32 int4 int64 int8 string uint16 uint2 uint32 uint4 uint64 uint8',
  'bfloat16 float16 float32',
  'float32',
  'bfloat16 bool complex128 complex64 float16 float32 float64 int16 int32 int64 int8 string uint16 uint32 uint64 uint8',
  'bool complex128 complex64 float16 float32 float64 int16 int32 int64 int8 string uint16 uint32 uint64 uint8',
  'seq(bool) seq(complex128) seq(complex64) seq(float16) seq(float32) seq(float64) seq(int16) seq(int32) seq(int64) seq(int8) seq(string) seq(uint16) seq(uint32) seq(uint64) seq(uint8)',
  'bfloat16 bool complex128 complex64 float16 float32 float64 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz int16 int32 int64 int8 string uint16 uint32 uint64 uint8',
  'bfloat16 bool complex128 complex64 float16 float32 float64 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz int16 int32 int4 int64 int8 string uint16 uint32 uint4 uint64 uint8',
  'bfloat16 bool complex128 complex64 float16 float32 float4e2m1 float64 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz int16 int32 int4 int64 int8 string uint16 uint32 uint4 uint64 uint8',
  'bfloat16 bool complex128 complex64 float16 float32 float4e2m1 float64 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz float8e8m0 int16 int32 int4 int64 int8 string uint16 uint32 uint4 uint64 uint8',
  'bfloat16 bool complex128 complex64 float16 float32 float4e2m1 float64 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz float8e8m0 int16 int2 int32 int4 int64 int8 string uint16 uint2 uint32 uint4 uint64 uint8',
  'bfloat16 bool float16 float32 float64 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz int16 int32 int64 int8 uint16 uint32 uint64 uint8',
  'bfloat16 bool float16 float32 float64 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz int16 int32 int4 int64 int8 uint16 uint32 uint4 uint64 uint8',
  'bfloat16 bool float16 float32 float4e2m1 float64 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz int16 int32 int4 int64 int8 uint16 uint32 uint4 uint64 uint8',
  'bfloat16 bool float16 float32 float4e2m1 float64 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz float8e8m0 int16 int32 int4 int64 int8 uint16 uint32 uint4 uint64 uint8',
  'bfloat16 bool float16 float32 float4e2m1 float64 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz float8e8m0 int16 int2 int32 int4 int64 int8 uint16 uint2 uint32 uint4 uint64 uint8',
  'int8 uint8',
  'int32',
  'float32 float64 int32 int64 uint32 uint64',
  'int32 int8 uint8',
  'float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz int32 int8 uint8',
  'float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz int16 int32 int4 int8 uint16 uint4 uint8',
  'float4e2m1 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz int16 int32 int4 int8 uint16 uint4 uint8',
  'bfloat16 float16 float32 float8e8m0',
  'float4e2m1 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz int16 int2 int32 int4 int8 uint16 uint2 uint4 uint8',
  'float4e2m1 float6e2m3 float6e3m2 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz int16 int2 int32 int4 int8 uint16 uint2 uint4 uint8',
  'bfloat16 float16 float32 float64 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz',
  'uint8',
  'bool int32 int64',
  'bfloat16 bool complex128 complex64 float16 float32 float64 int16 int32 int64 int8 seq(bool) seq(complex128) seq(complex64) seq(float16) seq(float32) seq(float64) seq(int16) seq(int32) seq(int64) seq(int8) seq(string) seq(uint16) seq(uint32) seq(uint64) seq(uint8) string uint16 uint32 uint64 uint8',
  'bfloat16 bool complex128 complex64 float16 float32 float64 int16 int32 int64 int8 optional(bool) optional(complex128) optional(complex64) optional(float16) optional(float32) optional(float64) optional(int16) optional(int32) optional(int64) optional(int8) optional(seq(bool)) optional(seq(complex128)) optional(seq(complex64)) optional(seq(float16)) optional(seq(float32)) optional(seq(float64)) optional(seq(int16)) optional(seq(int32)) optional(seq(int64)) optional(seq(int8)) optional(seq(string)) optional(seq(uint16)) optional(seq(uint32)) optional(seq(uint64)) optional(seq(uint8)) optional(string) optional(uint16) optional(uint32) optional(uint64) optional(uint8) seq(bool) seq(complex128) seq(complex64) seq(float16) seq(float32) seq(float64) seq(int16) seq(int32) seq(int64) seq(int8) seq(string) seq(uint16) seq(uint32) seq(uint64) seq(uint8) string uint16 uint32 uint64 uint8',
  'bfloat16 bool complex128 complex64 float16 float32 float64 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz int16 int32 int64 int8 optional(bool) optional(complex128) optional(complex64) optional(float16) optional(float32) optional(float64) optional(int16) optional(int32) optional(int64) optional(int8) optional(seq(bool)) optional(seq(complex128)) optional(seq(complex64)) optional(seq(float16)) optional(seq(float32)) optional(seq(float64)) optional(seq(int16)) optional(seq(int32)) optional(seq(int64)) optional(seq(int8)) optional(seq(string)) optional(seq(uint16)) optional(seq(uint32)) optional(seq(uint64)) optional(seq(uint8)) optional(string) optional(uint16) optional(uint32) optional(uint64) optional(uint8) seq(bool) seq(complex128) seq(complex64) seq(float16) seq(float32) seq(float64) seq(int16) seq(int32) seq(int64) seq(int8) seq(string) seq(uint16) seq(uint32) seq(uint64) seq(uint8) string uint16 uint32 uint64 uint8',
  'bfloat16 bool complex128 complex64 float16 float32 float64 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz int16 int32 int4 int64 int8 optional(bool) optional(complex128) optional(complex64) optional(float16) optional(float32) optional(float64) optional(int16) optional(int32) optional(int64) optional(int8) optional(seq(bool)) optional(seq(complex128)) optional(seq(complex64)) optional(seq(float16)) optional(seq(float32)) optional(seq(float64)) optional(seq(int16)) optional(seq(int32)) optional(seq(int64)) optional(seq(int8)) optional(seq(string)) optional(seq(uint16)) optional(seq(uint32)) optional(seq(uint64)) optional(seq(uint8)) optional(string) optional(uint16) optional(uint32) optional(uint64) optional(uint8) seq(bool) seq(complex128) seq(complex64) seq(float16) seq(float32) seq(float64) seq(int16) seq(int32) seq(int64) seq(int8) seq(string) seq(uint16) seq(uint32) seq(uint64) seq(uint8) string uint16 uint32 uint4 uint64 uint8',
  'bfloat16 bool complex128 complex64 float16 float32 float4e2m1 float64 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz int16 int32 int4 int64 int8 optional(bool) optional(complex128) optional(complex64) optional(float16) optional(float32) optional(float64) optional(int16) optional(int32) optional(int64) optional(int8) optional(seq(bool)) optional(seq(complex128)) optional(seq(complex64)) optional(seq(float16)) optional(seq(float32)) optional(seq(float64)) optional(seq(int16)) optional(seq(int32)) optional(seq(int64)) optional(seq(int8)) optional(seq(string)) optional(seq(uint16)) optional(seq(uint32)) optional(seq(uint64)) optional(seq(uint8)) optional(string) optional(uint16) optional(uint32) optional(uint64) optional(uint8) seq(bool) seq(complex128) seq(complex64) seq(float16) seq(float32) seq(float64) seq(int16) seq(int32) seq(int64) seq(int8) seq(string) seq(uint16) seq(uint32) seq(uint64) seq(uint8) string uint16 uint32 uint4 uint64 uint8',
  'bfloat16 bool complex128 complex64 float16 float32 float4e2m1 float64 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz float8e8m0 int16 int32 int4 int64 int8 optional(bool) optional(complex128) optional(complex64) optional(float16) optional(float32) optional(float64) optional(int16) optional(int32) optional(int64) optional(int8) optional(seq(bool)) optional(seq(complex128)) optional(seq(complex64)) optional(seq(float16)) optional(seq(float32)) optional(seq(float64)) optional(seq(int16)) optional(seq(int32)) optional(seq(int64)) optional(seq(int8)) optional(seq(string)) optional(seq(uint16)) optional(seq(uint32)) optional(seq(uint64)) optional(seq(uint8)) optional(string) optional(uint16) optional(uint32) optional(uint64) optional(uint8) seq(bool) seq(complex128) seq(complex64) seq(float16) seq(float32) seq(float64) seq(int16) seq(int32) seq(int64) seq(int8) seq(string) seq(uint16) seq(uint32) seq(uint64) seq(uint8) string uint16 uint32 uint4 uint64 uint8',
  'bfloat16 bool complex128 complex64 float16 float32 float4e2m1 float64 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz float8e8m0 int16 int2 int32 int4 int64 int8 optional(bool) optional(complex128) optional(complex64) optional(float16) optional(float32) optional(float64) optional(int16) optional(int32) optional(int64) optional(int8) optional(seq(bool)) optional(seq(complex128)) optional(seq(complex64)) optional(seq(float16)) optional(seq(float32)) optional(seq(float64)) optional(seq(int16)) optional(seq(int32)) optional(seq(int64)) optional(seq(int8)) optional(seq(string)) optional(seq(uint16)) optional(seq(uint32)) optional(seq(uint64)) optional(seq(uint8)) optional(string) optional(uint16) optional(uint32) optional(uint64) optional(uint8) seq(bool) seq(complex128) seq(complex64) seq(float16) seq(float32) seq(float64) seq(int16) seq(int32) seq(int64) seq(int8) seq(string) seq(uint16) seq(uint32) seq(uint64) seq(uint8) string uint16 uint2 uint32 uint4 uint64 uint8',
  'bool complex128 complex64 float16 float32 float64 int16 int32 int64 int8 seq(bool) seq(complex128) seq(complex64) seq(float16) seq(float32) seq(float64) seq(int16) seq(int32) seq(int64) seq(int8) seq(string) seq(uint16) seq(uint32) seq(uint64) seq(uint8) string uint16 uint32 uint64 uint8',
  'bfloat16 bool complex128 complex64 float16 float32 float64 int16 int32 int64 int8 optional(bfloat16) optional(bool) optional(complex128) optional(complex64) optional(float16) optional(float32) optional(float64) optional(int16) optional(int32) optional(int64) optional(int8) optional(seq(bfloat16)) optional(seq(bool)) optional(seq(complex128)) optional(seq(complex64)) optional(seq(float16)) optional(seq(float32)) optional(seq(float64)) optional(seq(int16)) optional(seq(int32)) optional(seq(int64)) optional(seq(int8)) optional(seq(string)) optional(seq(uint16)) optional(seq(uint32)) optional(seq(uint64)) optional(seq(uint8)) optional(string) optional(uint16) optional(uint32) optional(uint64) optional(uint8) seq(bfloat16) seq(bool) seq(complex128) seq(complex64) seq(float16) seq(float32) seq(float64) seq(int16) seq(int32) seq(int64) seq(int8) seq(string) seq(uint16) seq(uint32) seq(uint64) seq(uint8) string uint16 uint32 uint64 uint8',
  'bfloat16 bool complex128 complex64 float16 float32 float64 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz int16 int32 int64 int8 optional(bfloat16) optional(bool) optional(complex128) optional(complex64) optional(float16) optional(float32) optional(float64) optional(float8e4m3fn) optional(float8e4m3fnuz) optional(float8e5m2) optional(float8e5m2fnuz) optional(int16) optional(int32) optional(int64) optional(int8) optional(seq(bfloat16)) optional(seq(bool)) optional(seq(complex128)) optional(seq(complex64)) optional(seq(float16)) optional(seq(float32)) optional(seq(float64)) optional(seq(int16)) optional(seq(int32)) optional(seq(int64)) optional(seq(int8)) optional(seq(string)) optional(seq(uint16)) optional(seq(uint32)) optional(seq(uint64)) optional(seq(uint8)) optional(string) optional(uint16) optional(uint32) optional(uint64) optional(uint8) seq(bfloat16) seq(bool) seq(complex128) seq(complex64) seq(float16) seq(float32) seq(float64) seq(float8e4m3fn) seq(float8e4m3fnuz) seq(float8e5m2) seq(float8e5m2fnuz) seq(int16) seq(int32) seq(int64) seq(int8) seq(string) seq(uint16) seq(uint32) seq(uint64) seq(uint8) string uint16 uint32 uint64 uint8',
  'bfloat16 bool complex128 complex64 float16 float32 float64 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz int16 int32 int4 int64 int8 optional(bfloat16) optional(bool) optional(complex128) optional(complex64) optional(float16) optional(float32) optional(float64) optional(float8e4m3fn) optional(float8e4m3fnuz) optional(float8e5m2) optional(float8e5m2fnuz) optional(int16) optional(int32) optional(int4) optional(int64) optional(int8) optional(seq(bfloat16)) optional(seq(bool)) optional(seq(complex128)) optional(seq(complex64)) optional(seq(float16)) optional(seq(float32)) optional(seq(float64)) optional(seq(int16)) optional(seq(int32)) optional(seq(int64)) optional(seq(int8)) optional(seq(string)) optional(seq(uint16)) optional(seq(uint32)) optional(seq(uint64)) optional(seq(uint8)) optional(string) optional(uint16) optional(uint32) optional(uint4) optional(uint64) optional(uint8) seq(bfloat16) seq(bool) seq(complex128) seq(complex64) seq(float16) seq(float32) seq(float64) seq(float8e4m3fn) seq(float8e4m3fnuz) seq(float8e5m2) seq(float8e5m2fnuz) seq(int16) seq(int32) seq(int4) seq(int64) seq(int8) seq(string) seq(uint16) seq(uint32) seq(uint4) seq(uint64) seq(uint8) string uint16 uint32 uint4 uint64 uint8',
  'bfloat16 bool complex128 complex64 float16 float32 float4e2m1 float64 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz int16 int32 int4 int64 int8 optional(bfloat16) optional(bool) optional(complex128) optional(complex64) optional(float16) optional(float32) optional(float4e2m1) optional(float64) optional(float8e4m3fn) optional(float8e4m3fnuz) optional(float8e5m2) optional(float8e5m2fnuz) optional(int16) optional(int32) optional(int4) optional(int64) optional(int8) optional(seq(bfloat16)) optional(seq(bool)) optional(seq(complex128)) optional(seq(complex64)) optional(seq(float16)) optional(seq(float32)) optional(seq(float64)) optional(seq(int16)) optional(seq(int32)) optional(seq(int64)) optional(seq(int8)) optional(seq(string)) optional(seq(uint16)) optional(seq(uint32)) optional(seq(uint64)) optional(seq(uint8)) optional(string) optional(uint16) optional(uint32) optional(uint4) optional(uint64) optional(uint8) seq(bfloat16) seq(bool) seq(complex128) seq(complex64) seq(float16) seq(float32) seq(float4e2m1) seq(float64) seq(float8e4m3fn) seq(float8e4m3fnuz) seq(float8e5m2) seq(float8e5m2fnuz) seq(int16) seq(int32) seq(int4) seq(int64) seq(int8) seq(string) seq(uint16) seq(uint32) seq(uint4) seq(uint64) seq(uint8) string uint16 uint32 uint4 uint64 uint8',
  'bfloat16 bool complex128 complex64 float16 float32 float4e2m1 float64 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz float8e8m0 int16 int32 int4 int64 int8 optional(bfloat16) optional(bool) optional(complex128) optional(complex64) optional(float16) optional(float32) optional(float4e2m1) optional(float64) optional(float8e4m3fn) optional(float8e4m3fnuz) optional(float8e5m2) optional(float8e5m2fnuz) optional(float8e8m0) optional(int16) optional(int32) optional(int4) optional(int64) optional(int8) optional(seq(bfloat16)) optional(seq(bool)) optional(seq(complex128)) optional(seq(complex64)) optional(seq(float16)) optional(seq(float32)) optional(seq(float64)) optional(seq(int16)) optional(seq(int32)) optional(seq(int64)) optional(seq(int8)) optional(seq(string)) optional(seq(uint16)) optional(seq(uint32)) optional(seq(uint64)) optional(seq(uint8)) optional(string) optional(uint16) optional(uint32) optional(uint4) optional(uint64) optional(uint8) seq(bfloat16) seq(bool) seq(complex128) seq(complex64) seq(float16) seq(float32) seq(float4e2m1) seq(float64) seq(float8e4m3fn) seq(float8e4m3fnuz) seq(float8e5m2) seq(float8e5m2fnuz) seq(float8e8m0) seq(int16) seq(int32) seq(int4) seq(int64) seq(int8) seq(string) seq(uint16) seq(uint32) seq(uint4) seq(uint64) seq(uint8) string uint16 uint32 uint4 uint64 uint8',
  'bfloat16 bool complex128 complex64 float16 float32 float4e2m1 float64 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz float8e8m0 int16 int2 int32 int4 int64 int8 optional(bfloat16) optional(bool) optional(complex128) optional(complex64) optional(float16) optional(float32) optional(float4e2m1) optional(float64) optional(float8e4m3fn) optional(float8e4m3fnuz) optional(float8e5m2) optional(float8e5m2fnuz) optional(float8e8m0) optional(int16) optional(int2) optional(int32) optional(int4) optional(int64) optional(int8) optional(seq(bfloat16)) optional(seq(bool)) optional(seq(complex128)) optional(seq(complex64)) optional(seq(float16)) optional(seq(float32)) optional(seq(float64)) optional(seq(int16)) optional(seq(int32)) optional(seq(int64)) optional(seq(int8)) optional(seq(string)) optional(seq(uint16)) optional(seq(uint32)) optional(seq(uint64)) optional(seq(uint8)) optional(string) optional(uint16) optional(uint2) optional(uint32) optional(uint4) optional(uint64) optional(uint8) seq(bfloat16) seq(bool) seq(complex128) seq(complex64) seq(float16) seq(float32) seq(float4e2m1) seq(float64) seq(float8e4m3fn) seq(float8e4m3fnuz) seq(float8e5m2) seq(float8e5m2fnuz) seq(float8e8m0) seq(int16) seq(int2) seq(int32) seq(int4) seq(int64) seq(int8) seq(string) seq(uint16) seq(uint2) seq(uint32) seq(uint4) seq(uint64) seq(uint8) string uint16 uint2 uint32 uint4 uint64 uint8',
  'float32 float64',
  'bfloat16 float32',
  'float16 float32 float64 int8 uint8',
  'bfloat16 float16 float32 float64 int8 uint8',
  'float16 float32 float64 int16 int32 int64 int8',
  'bfloat16 float16 float32 float64 int16 int32 int64 int8',
  'optional(bool) optional(complex128) optional(complex64) optional(float16) optional(float32) optional(float64) optional(int16) optional(int32) optional(int64) optional(int8) optional(seq(bool)) optional(seq(complex128)) optional(seq(complex64)) optional(seq(float16)) optional(seq(float32)) optional(seq(float64)) optional(seq(int16)) optional(seq(int32)) optional(seq(int64)) optional(seq(int8)) optional(seq(string)) optional(seq(uint16)) optional(seq(uint32)) optional(seq(uint64)) optional(seq(uint8)) optional(string) optional(uint16) optional(uint32) optional(uint64) optional(uint8)',
  'bfloat16 bool complex128 complex64 float16 float32 float4e2m1 float64 float6e2m3 float6e3m2 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz float8e8m0 int16 int2 int32 int4 int64 int8 seq(bfloat16) seq(bool) seq(complex128) seq(complex64) seq(float16) seq(float32) seq(float4e2m1) seq(float64) seq(float6e2m3) seq(float6e3m2) seq(float8e4m3fn) seq(float8e4m3fnuz) seq(float8e5m2) seq(float8e5m2fnuz) seq(float8e8m0) seq(int16) seq(int2) seq(int32) seq(int4) seq(int64) seq(int8) seq(string) seq(uint16) seq(uint2) seq(uint32) seq(uint4) seq(uint64) seq(uint8) string uint16 uint2 uint32 uint4 uint64 uint8',
  'optional(bfloat16) optional(bool) optional(complex128) optional(complex64) optional(float16) optional(float32) optional(float4e2m1) optional(float64) optional(float6e2m3) optional(float6e3m2) optional(float8e4m3fn) optional(float8e4m3fnuz) optional(float8e5m2) optional(float8e5m2fnuz) optional(float8e8m0) optional(int16) optional(int2) optional(int32) optional(int4) optional(int64) optional(int8) optional(seq(bfloat16)) optional(seq(bool)) optional(seq(complex128)) optional(seq(complex64)) optional(seq(float16)) optional(seq(float32)) optional(seq(float4e2m1)) optional(seq(float64)) optional(seq(float6e2m3)) optional(seq(float6e3m2)) optional(seq(float8e4m3fn)) optional(seq(float8e4m3fnuz)) optional(seq(float8e5m2)) optional(seq(float8e5m2fnuz)) optional(seq(float8e8m0)) optional(seq(int16)) optional(seq(int2)) optional(seq(int32)) optional(seq(int4)) optional(seq(int64)) optional(seq(int8)) optional(seq(string)) optional(seq(uint16)) optional(seq(uint2)) optional(seq(uint32)) optional(seq(uint4)) optional(seq(uint64)) optional(seq(uint8)) optional(string) optional(uint16) optional(uint2) optional(uint32) optional(uint4) optional(uint64) optional(uint8)',
  'bool complex128 complex64 float16 float32 float64 int16 int32 int64 int8 optional(bool) optional(complex128) optional(complex64) optional(float16) optional(float32) optional(float64) optional(int16) optional(int32) optional(int64) optional(int8) optional(seq(bool)) optional(seq(complex128)) optional(seq(complex64)) optional(seq(float16)) optional(seq(float32)) optional(seq(float64)) optional(seq(int16)) optional(seq(int32)) optional(seq(int64)) optional(seq(int8)) optional(seq(string)) optional(seq(uint16)) optional(seq(uint32)) optional(seq(uint64)) optional(seq(uint8)) optional(string) optional(uint16) optional(uint32) optional(uint64) optional(uint8) seq(bool) seq(complex128) seq(complex64) seq(float16) seq(float32) seq(float64) seq(int16) seq(int32) seq(int64) seq(int8) seq(string) seq(uint16) seq(uint32) seq(uint64) seq(uint8) string uint16 uint32 uint64 uint8',
  'bfloat16 bool complex128 complex64 float16 float32 float4e2m1 float64 float6e2m3 float6e3m2 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz float8e8m0 int16 int2 int32 int4 int64 int8 optional(bfloat16) optional(bool) optional(complex128) optional(complex64) optional(float16) optional(float32) optional(float4e2m1) optional(float64) optional(float6e2m3) optional(float6e3m2) optional(float8e4m3fn) optional(float8e4m3fnuz) optional(float8e5m2) optional(float8e5m2fnuz) optional(float8e8m0) optional(int16) optional(int2) optional(int32) optional(int4) optional(int64) optional(int8) optional(seq(bfloat16)) optional(seq(bool)) optional(seq(complex128)) optional(seq(complex64)) optional(seq(float16)) optional(seq(float32)) optional(seq(float4e2m1)) optional(seq(float64)) optional(seq(float6e2m3)) optional(seq(float6e3m2)) optional(seq(float8e4m3fn)) optional(seq(float8e4m3fnuz)) optional(seq(float8e5m2)) optional(seq(float8e5m2fnuz)) optional(seq(float8e8m0)) optional(seq(int16)) optional(seq(int2)) optional(seq(int32)) optional(seq(int4)) optional(seq(int64)) optional(seq(int8)) optional(seq(string)) optional(seq(uint16)) optional(seq(uint2)) optional(seq(uint32)) optional(seq(uint4)) optional(seq(uint64)) optional(seq(uint8)) optional(string) optional(uint16) optional(uint2) optional(uint32) optional(uint4) optional(uint64) optional(uint8) seq(bfloat16) seq(bool) seq(complex128) seq(complex64) seq(float16) seq(float32) seq(float4e2m1) seq(float64) seq(float6e2m3) seq(float6e3m2) seq(float8e4m3fn) seq(float8e4m3fnuz) seq(float8e5m2) seq(float8e5m2fnuz) seq(float8e8m0) seq(int16) seq(int2) seq(int32) seq(int4) seq(int64) seq(int8) seq(string) seq(uint16) seq(uint2) seq(uint32) seq(uint4) seq(uint64) seq(uint8) string uint16 uint2 uint32 uint4 uint64 uint8',
  'float16 float32 float64 int32 int64',
  'bfloat16 float16 float32 float64 int32 int64',
  'float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz int8 uint8',
  'float32 int32',
  'bfloat16 float16 float32 int32',
  'float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz int16 int4 int8 uint16 uint4 uint8',
  'float4e2m1 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz int16 int4 int8 uint16 uint4 uint8',
  'bfloat16 float16 float32 float8e8m0 int32',
  'float4e2m1 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz int16 int2 int4 int8 uint16 uint2 uint4 uint8',
  'float4e2m1 float6e2m3 float6e3m2 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz int16 int2 int4 int8 uint16 uint2 uint4 uint8',
  'float32 float64 int16 int32 int64',
  'bfloat16 float16 float32 float64 int16 int32 int64',
  'float16 float32 float64 int32 int64 int8 uint32 uint64 uint8',
  'bfloat16 float16 float32 float64 int32 int64 int8 uint32 uint64 uint8',
  'bfloat16 bool float16 float32 float64 int32 int64 int8 uint32 uint64 uint8',
  'string',
  'seq(bfloat16) seq(bool) seq(complex128) seq(complex64) seq(float16) seq(float32) seq(float64) seq(int16) seq(int32) seq(int64) seq(int8) seq(string) seq(uint16) seq(uint32) seq(uint64) seq(uint8)',
  'int32 int64 string',
  'bool float16 float32 float64 int32 int64',
  'float32 float64 int32 int64 string',
  'float32 float64 int32 int64',
  'map(int64,float32) map(int64,string)',
  'float32 int64 string',
  'int64 string',
  'map(int64,float32) map(int64,float64) map(int64,string) map(string,float32) map(string,float64) map(string,int64)',
  'float32 float64 int64 string',
  'float32 float64 int16 int32 int64 string',
  'seq(map(int64,float32)) seq(map(string,float32))',
  'float16 float32',
  'float16 float32 int32',
  'uint32',
  'int16 int32 int4 int8 uint16 uint4 uint8',
  'int8',
  'float4e2m1 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz int4 uint4 uint8',
  'bfloat16 float16 float32 float8e4m3fn float8e5m2',
  'float16',
  'bfloat16 float16 float32 float8e4m3fn int8 uint8',
  'bfloat16 float16',
  'float8e4m3fn',
  'int16 uint16',
  'int32 uint32',
  'bfloat16 float16 float32 uint8',
  'float32 float64 int32 int64 string uint32 uint64',
  'bfloat16 float16 float8e4m3fn int8 uint8',
  'float32 int8 uint8',
  'float8e4m3fn uint8',
  'bfloat16 float16 float32 float8e4m3fn float8e8m0',
  'int16 int4 int8 uint16 uint4 uint8',
  'float32 uint16 uint8',
  'bfloat16 float16 int8',
  'sparse(float32) sparse(float64) sparse(int32) sparse(int64) sparse(uint32) sparse(uint64)',
];

/** The schemas of each domain. */
export const operatorSchemas: Readonly<Record<string, string>> = {
  '': `Abs 1|X:T|Y:T|consumed_inputs:I|T=0
Abs 6|X:T|Y:T||T=1
Abs 13|X:T|Y:T||T=2
Acos 7|input:T|output:T||T=0
Acos 22|input:T|output:T||T=3
Acosh 9|input:T|output:T||T=0
Acosh 22|input:T|output:T||T=3
Add 1|A:T B:T|C:T|axis:i broadcast:i=0 consumed_inputs:I|T=0
Add 6|A:T B:T|C:T|axis:i broadcast:i=0|T=4
Add 7|A:T B:T|C:T||T=4
Add 13|A:T B:T|C:T||T=5
Add 14|A:T B:T|C:T||T=2
AffineGrid 20|theta:T1 size:T2|grid:T1|align_corners:i=0|T1=3 T2=6
And 1|A:T B:T|C:T1|axis:i broadcast:i=0|T=7 T1=7
And 7|A:T B:T|C:T1||T=7 T1=7
ArgMax 1|data:T|reduced:=int64|axis:i=0 keepdims:i=1|T=1
ArgMax 11|data:T|reduced:=int64|axis:i=0 keepdims:i=1|T=1
ArgMax 12|data:T|reduced:=int64|axis:i=0 keepdims:i=1 select_last_index:i=0|T=1
ArgMax 13|data:T|reduced:=int64|axis:i=0 keepdims:i=1 select_last_index:i=0|T=2
ArgMin 1|data:T|reduced:=int64|axis:i=0 keepdims:i=1|T=1
ArgMin 11|data:T|reduced:=int64|axis:i=0 keepdims:i=1|T=1
ArgMin 12|data:T|reduced:=int64|axis:i=0 keepdims:i=1 select_last_index:i=0|T=1
ArgMin 13|data:T|reduced:=int64|axis:i=0 keepdims:i=1 select_last_index:i=0|T=2
Asin 7|input:T|output:T||T=0
Asin 22|input:T|output:T||T=3
Asinh 9|input:T|output:T||T=0
Asinh 22|input:T|output:T||T=3
Atan 7|input:T|output:T||T=0
Atan 22|input:T|output:T||T=3
Atanh 9|input:T|output:T||T=0
Atanh 22|input:T|output:T||T=3
Attention 23|Q:T1 K:T1 V:T2 attn_mask:U? past_key:T1? past_value:T2?|Y:T1 present_key:T1? present_value:T2? qk_matmul_output:T1?|is_causal:i=0 kv_num_heads:i q_num_heads:i qk_matmul_output_mode:i=0 scale:f softcap:f=0.0 softmax_precision:i|T1=3 T2=3 U=8
Attention 24|Q:T1 K:T1 V:T2 attn_mask:U? past_key:T1? past_value:T2? nonpad_kv_seqlen:=int64?|Y:T1 present_key:T1? present_value:T2? qk_matmul_output:T1?|is_causal:i=0 kv_num_heads:i q_num_heads:i qk_matmul_output_mode:i=0 scale:f softcap:f=0.0 softmax_precision:i|T1=3 T2=3 U=8
Attention 25|Q:T1 K:T1 V:T2 attn_mask:U? past_key:T1? past_value:T2? nonpad_kv_seqlen:=int64?|Y:T1 present_key:T1? present_value:T2? qk_matmul_output:T1?|is_causal:i=0 kv_num_heads:i left_window_size:i=-1 q_num_heads:i qk_matmul_output_mode:i=0 right_window_size:i=-1 scale:f softcap:f=0.0 softmax_precision:i|T1=3 T2=3 U=8
AveragePool 1|X:T|Y:T|auto_pad:s="NOTSET" kernel_shape:I! pads:I strides:I|T=0
AveragePool 7|X:T|Y:T|auto_pad:s="NOTSET" count_include_pad:i=0 kernel_shape:I! pads:I strides:I|T=0
AveragePool 10|X:T|Y:T|auto_pad:s="NOTSET" ceil_mode:i=0 count_include_pad:i=0 kernel_shape:I! pads:I strides:I|T=0
AveragePool 11|X:T|Y:T|auto_pad:s="NOTSET" ceil_mode:i=0 count_include_pad:i=0 kernel_shape:I! pads:I strides:I|T=0
AveragePool 19|X:T|Y:T|auto_pad:s="NOTSET" ceil_mode:i=0 count_include_pad:i=0 dilations:I kernel_shape:I! pads:I strides:I|T=0
AveragePool 22|X:T|Y:T|auto_pad:s="NOTSET" ceil_mode:i=0 count_include_pad:i=0 dilations:I kernel_shape:I! pads:I strides:I|T=3
BatchNormalization 1|X:T scale:T B:T mean:T var:T|Y:T mean:T? var:T? saved_mean:T? saved_var:T?|consumed_inputs:I! epsilon:f=1e-05 is_test:i=0 momentum:f=0.9 spatial:i=1|T=0
BatchNormalization 6|X:T scale:T B:T mean:T var:T|Y:T mean:T? var:T? saved_mean:T? saved_var:T?|epsilon:f=1e-05 is_test:i=0 momentum:f=0.9 spatial:i=1|T=0
BatchNormalization 7|X:T scale:T B:T mean:T var:T|Y:T mean:T? var:T? saved_mean:T? saved_var:T?|epsilon:f=1e-05 momentum:f=0.9 spatial:i=1|T=0
BatchNormalization 9|X:T scale:T B:T mean:T var:T|Y:T mean:T? var:T? saved_mean:T? saved_var:T?|epsilon:f=1e-05 momentum:f=0.9|T=0
BatchNormalization 14|X:T scale:T B:T input_mean:U input_var:U|Y:T running_mean:U? running_var:U?|epsilon:f=1e-05 momentum:f=0.9 training_mode:i=0|T=3 U=3
BatchNormalization 15|X:T scale:T1 B:T1 input_mean:T2 input_var:T2|Y:T running_mean:T2? running_var:T2?|epsilon:f=1e-05 momentum:f=0.9 training_mode:i=0|T=3 T1=3 T2=3
Bernoulli 15|input:T1|output:T2|dtype:i seed:f|T1=0 T2=8
Bernoulli 22|input:T1|output:T2|dtype:i seed:f|T1=3 T2=8
BitCast 26|input:T1|output:T2|to:i!|T1=9 T2=9
BitShift 11|X:T Y:T|Z:T|direction:s!|T=10
BitShift 28|X:T Y:T|Z:T|direction:s!|T=11
BitwiseAnd 18|A:T B:T|C:T||T=11
BitwiseNot 18|X:T|Y:T||T=11
BitwiseOr 18|A:T B:T|C:T||T=11
BitwiseXor 18|A:T B:T|C:T||T=11
BlackmanWindow 17|size:T1|output:T2|output_datatype:i=1 periodic:i=1|T1=12 T2=2
Cast 1|input:T1|output:T2|to:s!|T1=13 T2=13
Cast 6|input:T1|output:T2|to:i!|T1=13 T2=13
Cast 9|input:T1|output:T2|to:i!|T1=14 T2=14
Cast 13|input:T1|output:T2|to:i!|T1=15 T2=15
Cast 19|input:T1|output:T2|saturate:i=1 to:i!|T1=16 T2=16
Cast 21|input:T1|output:T2|saturate:i=1 to:i!|T1=17 T2=17
Cast 23|input:T1|output:T2|saturate:i=1 to:i!|T1=18 T2=18
Cast 24|input:T1|output:T2|round_mode:s="up" saturate:i=1 to:i!|T1=19 T2=19
Cast 25|input:T1|output:T2|round_mode:s="up" saturate:i=1 to:i!|T1=20 T2=20
Cast 28|input:T1|output:T2|round_mode:s="up" saturate:i=1 to:i!|T1=21 T2=21
CastLike 15|input:T1 target_type:T2|output:T2||T1=15 T2=15
CastLike 19|input:T1 target_type:T2|output:T2|saturate:i=1|T1=16 T2=16
CastLike 21|input:T1 target_type:T2|output:T2|saturate:i=1|T1=17 T2=17
CastLike 23|input:T1 target_type:T2|output:T2|saturate:i=1|T1=18 T2=18
CastLike 24|input:T1 target_type:T2|output:T2|round_mode:s="up" saturate:i=1|T1=19 T2=19
CastLike 25|input:T1 target_type:T2|output:T2|round_mode:s="up" saturate:i=1|T1=20 T2=20
CausalConvWithState 27|input:T weight:T bias:T? past_state:T?|output:T present_state:T|activation:s="none"|T=22
Ceil 1|X:T|Y:T|consumed_inputs:I|T=0
Ceil 6|X:T|Y:T||T=0
Ceil 13|X:T|Y:T||T=3
Celu 12|X:T|Y:T|alpha:f=1.0|T=23
Celu 28|X:T|Y:T|alpha:f=1.0|T=3
CenterCropPad 18|input_data:T shape:Tind|output_data:T|axes:I|T=24 Tind=12
Clip 1|input:T|output:T|consumed_inputs:I max:f min:f|T=0
Clip 6|input:T|output:T|max:f=3.402823e+38 min:f=-3.402823e+38|T=0
Clip 11|input:T min:T? max:T?|output:T||T=0
Clip 12|input:T min:T? max:T?|output:T||T=1
Clip 13|input:T min:T? max:T?|output:T||T=2
Col2Im 18|input:T image_shape:=int64 block_shape:=int64|output:T|dilations:I pads:I strides:I|T=24
Compress 9|input:T condition:T1|output:T|axis:i|T=25 T1=7
Compress 11|input:T condition:T1|output:T|axis:i|T=25 T1=7
Compress 28|input:T condition:T1|output:T|axis:i|T=24 T1=7
Concat 1|inputs:T*1|concat_result:T|axis:i|T=0
Concat 4|inputs:T*1|concat_result:T|axis:i!|T=25
Concat 11|inputs:T*1|concat_result:T|axis:i!|T=25
Concat 13|inputs:T*1|concat_result:T|axis:i!|T=24
ConcatFromSequence 11|input_sequence:S|concat_result:T|axis:i! new_axis:i=0|S=26 T=25
Constant 1||output:T|value:t!|T=0
Constant 9||output:T|value:t!|T=25
Constant 11||output:T|sparse_value:p value:t|T=25
Constant 12||output:T|sparse_value:p value:t value_float:f value_floats:F value_int:i value_ints:I value_string:s value_strings:S|T=25
Constant 13||output:T|sparse_value:p value:t value_float:f value_floats:F value_int:i value_ints:I value_string:s value_strings:S|T=24
Constant 19||output:T|sparse_value:p value:t value_float:f value_floats:F value_int:i value_ints:I value_string:s value_strings:S|T=27
Constant 21||output:T|sparse_value:p value:t value_float:f value_floats:F value_int:i value_ints:I value_string:s value_strings:S|T=28
Constant 23||output:T|sparse_value:p value:t value_float:f value_floats:F value_int:i value_ints:I value_string:s value_strings:S|T=29
Constant 24||output:T|sparse_value:p value:t value_float:f value_floats:F value_int:i value_ints:I value_string:s value_strings:S|T=30
Constant 25||output:T|sparse_value:p value:t value_float:f value_floats:F value_int:i value_ints:I value_string:s value_strings:S|T=31
ConstantOfShape 9|input:T1|output:T2|value:t|T1=6 T2=13
ConstantOfShape 20|input:T1|output:T2|value:t|T1=6 T2=32
ConstantOfShape 21|input:T1|output:T2|value:t|T1=6 T2=33
ConstantOfShape 23|input:T1|output:T2|value:t|T1=6 T2=34
ConstantOfShape 24|input:T1|output:T2|value:t|T1=6 T2=35
ConstantOfShape 25|input:T1|output:T2|value:t|T1=6 T2=36
Conv 1|X:T W:T B:T?|Y:T|auto_pad:s="NOTSET" dilations:I group:i=1 kernel_shape:I pads:I strides:I|T=0
Conv 11|X:T W:T B:T?|Y:T|auto_pad:s="NOTSET" dilations:I group:i=1 kernel_shape:I pads:I strides:I|T=0
Conv 22|X:T W:T B:T?|Y:T|auto_pad:s="NOTSET" dilations:I group:i=1 kernel_shape:I pads:I strides:I|T=3
ConvInteger 10|x:T1 w:T2 x_zero_point:T1? w_zero_point:T2?|y:T3|auto_pad:s="NOTSET" dilations:I group:i=1 kernel_shape:I pads:I strides:I|T1=37 T2=37 T3=38
ConvTranspose 1|X:T W:T B:T?|Y:T|auto_pad:s="NOTSET" dilations:I group:i=1 kernel_shape:I output_padding:I output_shape:I pads:I strides:I|T=0
ConvTranspose 11|X:T W:T B:T?|Y:T|auto_pad:s="NOTSET" dilations:I group:i=1 kernel_shape:I output_padding:I output_shape:I pads:I strides:I|T=0
ConvTranspose 22|X:T W:T B:T?|Y:T|auto_pad:s="NOTSET" dilations:I group:i=1 kernel_shape:I output_padding:I output_shape:I pads:I strides:I|T=3
Cos 7|input:T|output:T||T=0
Cos 22|input:T|output:T||T=3
Cosh 9|input:T|output:T||T=0
Cosh 22|input:T|output:T||T=3
CumProd 26|x:T axis:T2|y:T|exclusive:i=0 reverse:i=0|T=5 T2=12
CumSum 11|x:T axis:T2|y:T|exclusive:i=0 reverse:i=0|T=39 T2=12
CumSum 14|x:T axis:T2|y:T|exclusive:i=0 reverse:i=0|T=5 T2=12
DFT 17|input:T1 dft_length:T2?|output:T1|axis:i=1 inverse:i=0 onesided:i=0|T1=3 T2=12
DFT 20|input:T1 dft_length:T2? axis:=int64?|output:T1|inverse:i=0 onesided:i=0|T1=3 T2=12
DeformConv 19|X:T W:T offset:T B:T? mask:T?|Y:T|dilations:I group:i=1 kernel_shape:I offset_group:i=1 pads:I strides:I|T=0
DeformConv 22|X:T W:T offset:T B:T? mask:T?|Y:T|dilations:I group:i=1 kernel_shape:I offset_group:i=1 pads:I strides:I|T=3
DepthToSpace 1|input:T|output:T|blocksize:i!|T=25
DepthToSpace 11|input:T|output:T|blocksize:i! mode:s="DCR"|T=25
DepthToSpace 13|input:T|output:T|blocksize:i! mode:s="DCR"|T=24
DepthToSpace 28|input:T|output:T|blocksize:i! mode:s="DCR"|T=24
DequantizeLinear 10|x:T x_scale:=float32 x_zero_point:T?|y:=float32||T=40
DequantizeLinear 13|x:T x_scale:=float32 x_zero_point:T?|y:=float32|axis:i=1|T=40
DequantizeLinear 19|x:T1 x_scale:T2 x_zero_point:T1?|y:T2|axis:i=1|T1=41 T2=22
DequantizeLinear 21|x:T1 x_scale:T2 x_zero_point:T1?|y:T2|axis:i=1 block_size:i=0|T1=42 T2=22
DequantizeLinear 23|x:T1 x_scale:T2 x_zero_point:T1?|y:T3|axis:i=1 block_size:i=0 output_dtype:i=0|T1=43 T2=22 T3=22
DequantizeLinear 24|x:T1 x_scale:T2 x_zero_point:T1?|y:T3|axis:i=1 block_size:i=0 output_dtype:i=0|T1=43 T2=44 T3=22
DequantizeLinear 25|x:T1 x_scale:T2 x_zero_point:T1?|y:T3|axis:i=1 block_size:i=0 output_dtype:i=0|T1=45 T2=44 T3=22
DequantizeLinear 28|x:T1 x_scale:T2 x_zero_point:T1?|y:T3|axis:i=1 block_size:i=0 output_dtype:i=0|T1=46 T2=44 T3=22
Det 11|X:T|Y:T||T=0
Det 22|X:T|Y:T||T=3
Div 1|A:T B:T|C:T|axis:i broadcast:i=0 consumed_inputs:I|T=0
Div 6|A:T B:T|C:T|axis:i broadcast:i=0|T=4
Div 7|A:T B:T|C:T||T=4
Div 13|A:T B:T|C:T||T=5
Div 14|A:T B:T|C:T||T=2
Dropout 1|data:T|output:T mask:T?|consumed_inputs:I is_test:i=0 ratio:f=0.5|T=0
Dropout 6|data:T|output:T mask:T?|is_test:i=0 ratio:f=0.5|T=0
Dropout 7|data:T|output:T mask:T?|ratio:f=0.5|T=0
Dropout 10|data:T|output:T mask:T1?|ratio:f=0.5|T=0 T1=7
Dropout 12|data:T ratio:T1? training_mode:T2?|output:T mask:T2?|seed:i|T=0 T1=0 T2=7
Dropout 13|data:T ratio:T1? training_mode:T2?|output:T mask:T2?|seed:i|T=3 T1=0 T2=7
Dropout 22|data:T ratio:T1? training_mode:T2?|output:T mask:T2?|seed:i|T=47 T1=47 T2=7
DynamicQuantizeLinear 11|x:T1|y:T2 y_scale:=float32 y_zero_point:T2||T1=23 T2=48
Einsum 12|Inputs:T*1|Output:T|equation:s!|T=1
Einsum 28|Inputs:T*1|Output:T|equation:s!|T=2
Elu 1|X:T|Y:T|alpha:f=1.0 consumed_inputs:I|T=0
Elu 6|X:T|Y:T|alpha:f=1.0|T=0
Elu 22|X:T|Y:T|alpha:f=1.0|T=3
Equal 1|A:T B:T|C:T1|axis:i broadcast:i=0|T=49 T1=7
Equal 7|A:T B:T|C:T1||T=49 T1=7
Equal 11|A:T B:T|C:T1||T=13 T1=7
Equal 13|A:T B:T|C:T1||T=8 T1=7
Equal 19|A:T B:T|C:T1||T=15 T1=7
Erf 9|input:T|output:T||T=1
Erf 13|input:T|output:T||T=3
Exp 1|input:T|output:T|consumed_inputs:I|T=0
Exp 6|input:T|output:T||T=0
Exp 13|input:T|output:T||T=3
Expand 8|input:T shape:=int64|output:T||T=25
Expand 13|input:T shape:=int64|output:T||T=24
EyeLike 9|input:T1|output:T2|dtype:i k:i=0|T1=13 T2=13
EyeLike 22|input:T1|output:T2|dtype:i k:i=0|T1=8 T2=8
Flatten 1|input:T|output:T|axis:i=1|T=0
Flatten 9|input:T|output:T|axis:i=1|T=25
Flatten 11|input:T|output:T|axis:i=1|T=25
Flatten 13|input:T|output:T|axis:i=1|T=24
Flatten 21|input:T|output:T|axis:i=1|T=28
Flatten 23|input:T|output:T|axis:i=1|T=29
Flatten 24|input:T|output:T|axis:i=1|T=30
Flatten 25|input:T|output:T|axis:i=1|T=31
Floor 1|X:T|Y:T|consumed_inputs:I|T=0
Floor 6|X:T|Y:T||T=0
Floor 13|X:T|Y:T||T=3
GRU 1|X:T W:T R:T B:T? sequence_lens:T1? initial_h:T?|Y:T? Y_h:T|activation_alpha:F activation_beta:F activations:S clip:f direction:s="foward" hidden_size:i output_sequence:i=0|T=0 T1=38
GRU 3|X:T W:T R:T B:T? sequence_lens:T1? initial_h:T?|Y:T? Y_h:T?|activation_alpha:F activation_beta:F activations:S clip:f direction:s="forward" hidden_size:i linear_before_reset:i=0 output_sequence:i=0|T=0 T1=38
GRU 7|X:T W:T R:T B:T? sequence_lens:T1? initial_h:T?|Y:T? Y_h:T?|activation_alpha:F activation_beta:F activations:S clip:f direction:s="forward" hidden_size:i linear_before_reset:i=0|T=0 T1=38
GRU 14|X:T W:T R:T B:T? sequence_lens:T1? initial_h:T?|Y:T? Y_h:T?|activation_alpha:F activation_beta:F activations:S clip:f direction:s="forward" hidden_size:i layout:i=0 linear_before_reset:i=0|T=0 T1=38
GRU 22|X:T W:T R:T B:T? sequence_lens:T1? initial_h:T?|Y:T? Y_h:T?|activation_alpha:F activation_beta:F activations:S clip:f direction:s="forward" hidden_size:i layout:i=0 linear_before_reset:i=0|T=3 T1=38
Gather 1|data:T indices:Tind|output:T|axis:i=0|T=25 Tind=12
Gather 11|data:T indices:Tind|output:T|axis:i=0|T=25 Tind=12
Gather 13|data:T indices:Tind|output:T|axis:i=0|T=24 Tind=12
GatherElements 11|data:T indices:Tind|output:T|axis:i=0|T=25 Tind=12
GatherElements 13|data:T indices:Tind|output:T|axis:i=0|T=24 Tind=12
GatherND 11|data:T indices:=int64|output:T||T=25
GatherND 12|data:T indices:=int64|output:T|batch_dims:i=0|T=25
GatherND 13|data:T indices:=int64|output:T|batch_dims:i=0|T=24
Gelu 20|X:T|Y:T|approximate:s="none"|T=3
Gemm 1|A:T B:T C:T|Y:T|alpha:f=1.0 beta:f=1.0 broadcast:i=0 transA:i=0 transB:i=0|T=0
Gemm 6|A:T B:T C:T|Y:T|alpha:f=1.0 beta:f=1.0 broadcast:i=0 transA:i=0 transB:i=0|T=0
Gemm 7|A:T B:T C:T|Y:T|alpha:f=1.0 beta:f=1.0 transA:i=0 transB:i=0|T=0
Gemm 9|A:T B:T C:T|Y:T|alpha:f=1.0 beta:f=1.0 transA:i=0 transB:i=0|T=4
Gemm 11|A:T B:T C:T?|Y:T|alpha:f=1.0 beta:f=1.0 transA:i=0 transB:i=0|T=4
Gemm 13|A:T B:T C:T?|Y:T|alpha:f=1.0 beta:f=1.0 transA:i=0 transB:i=0|T=5
GlobalAveragePool 1|X:T|Y:T||T=0
GlobalAveragePool 22|X:T|Y:T||T=3
GlobalLpPool 1|X:T|Y:T|p:f=2.0|T=0
GlobalLpPool 2|X:T|Y:T|p:i=2|T=0
GlobalLpPool 22|X:T|Y:T|p:i=2|T=3
GlobalMaxPool 1|X:T|Y:T||T=0
GlobalMaxPool 22|X:T|Y:T||T=3
Greater 1|A:T B:T|C:T1|axis:i broadcast:i=0|T=0 T1=7
Greater 7|A:T B:T|C:T1||T=0 T1=7
Greater 9|A:T B:T|C:T1||T=1 T1=7
Greater 13|A:T B:T|C:T1||T=2 T1=7
GreaterOrEqual 12|A:T B:T|C:T1||T=1 T1=7
GreaterOrEqual 16|A:T B:T|C:T1||T=2 T1=7
GridSample 16|X:T1 grid:T2|Y:T1|align_corners:i=0 mode:s="bilinear" padding_mode:s="zeros"|T1=25 T2=0
GridSample 20|X:T1 grid:T2|Y:T1|align_corners:i=0 mode:s="linear" padding_mode:s="zeros"|T1=25 T2=0
GridSample 22|X:T1 grid:T2|Y:T1|align_corners:i=0 mode:s="linear" padding_mode:s="zeros"|T1=24 T2=3
GroupNormalization 18!|X:T scale:T bias:T|Y:T|epsilon:f=1e-05 num_groups:i!|T=3
GroupNormalization 21|X:T scale:T bias:T|Y:T|epsilon:f=1e-05 num_groups:i! stash_type:i=1|T=3
HammingWindow 17|size:T1|output:T2|output_datatype:i=1 periodic:i=1|T1=12 T2=2
HannWindow 17|size:T1|output:T2|output_datatype:i=1 periodic:i=1|T1=12 T2=2
HardSigmoid 1|X:T|Y:T|alpha:f=0.2 beta:f=0.5 consumed_inputs:I|T=0
HardSigmoid 6|X:T|Y:T|alpha:f=0.2 beta:f=0.5|T=0
HardSigmoid 22|X:T|Y:T|alpha:f=0.2 beta:f=0.5|T=3
HardSwish 14|X:T|Y:T||T=0
HardSwish 22|X:T|Y:T||T=3
Hardmax 1|input:T|output:T|axis:i=1|T=0
Hardmax 11|input:T|output:T|axis:i=1|T=0
Hardmax 13|input:T|output:T|axis:i=-1|T=3
Identity 1|input:T|output:T||T=25
Identity 13|input:T|output:T||T=24
Identity 14|input:V|output:V||V=50
Identity 16|input:V|output:V||V=51
Identity 19|input:V|output:V||V=52
Identity 21|input:V|output:V||V=53
Identity 23|input:V|output:V||V=54
Identity 24|input:V|output:V||V=55
Identity 25|input:V|output:V||V=56
If 1|cond:B|outputs:V*1~|else_branch:g! then_branch:g!|V=25 B=7
If 11|cond:B|outputs:V*1~|else_branch:g! then_branch:g!|V=25 B=7
If 13|cond:B|outputs:V*1~|else_branch:g! then_branch:g!|V=57 B=7
If 16|cond:B|outputs:V*1~|else_branch:g! then_branch:g!|V=58 B=7
If 19|cond:B|outputs:V*1~|else_branch:g! then_branch:g!|V=59 B=7
If 21|cond:B|outputs:V*1~|else_branch:g! then_branch:g!|V=60 B=7
If 23|cond:B|outputs:V*1~|else_branch:g! then_branch:g!|V=61 B=7
If 24|cond:B|outputs:V*1~|else_branch:g! then_branch:g!|V=62 B=7
If 25|cond:B|outputs:V*1~|else_branch:g! then_branch:g!|V=63 B=7
ImageDecoder 20|encoded_stream:T1|image:T2|pixel_format:s="RGB"|T1=48 T2=48
InstanceNormalization 1|input:T scale:T B:T|output:T|consumed_inputs:I epsilon:f=1e-05|T=0
InstanceNormalization 6|input:T scale:T B:T|output:T|epsilon:f=1e-05|T=0
InstanceNormalization 22|input:T scale:T B:T|output:T|epsilon:f=1e-05|T=3
IsInf 10|X:T1|Y:T2|detect_negative:i=1 detect_positive:i=1|T1=64 T2=7
IsInf 20|X:T1|Y:T2|detect_negative:i=1 detect_positive:i=1|T1=47 T2=7
IsNaN 9|X:T1|Y:T2||T1=0 T2=7
IsNaN 13|X:T1|Y:T2||T1=3 T2=7
IsNaN 20|X:T1|Y:T2||T1=47 T2=7
LRN 1|X:T|Y:T|alpha:f=0.0001 beta:f=0.75 bias:f=1.0 size:i!|T=0
LRN 13|X:T|Y:T|alpha:f=0.0001 beta:f=0.75 bias:f=1.0 size:i!|T=3
LSTM 1|X:T W:T R:T B:T? sequence_lens:T1? initial_h:T? initial_c:T? P:T?|Y:T? Y_h:T? Y_c:T?|activation_alpha:F activation_beta:F activations:S clip:f direction:s="forward" hidden_size:i input_forget:i=0 output_sequence:i=0|T=0 T1=38
LSTM 7|X:T W:T R:T B:T? sequence_lens:T1? initial_h:T? initial_c:T? P:T?|Y:T? Y_h:T? Y_c:T?|activation_alpha:F activation_beta:F activations:S clip:f direction:s="forward" hidden_size:i input_forget:i=0|T=0 T1=38
LSTM 14|X:T W:T R:T B:T? sequence_lens:T1? initial_h:T? initial_c:T? P:T?|Y:T? Y_h:T? Y_c:T?|activation_alpha:F activation_beta:F activations:S clip:f direction:s="forward" hidden_size:i input_forget:i=0 layout:i=0|T=0 T1=38
LSTM 22|X:T W:T R:T B:T? sequence_lens:T1? initial_h:T? initial_c:T? P:T?|Y:T? Y_h:T? Y_c:T?|activation_alpha:F activation_beta:F activations:S clip:f direction:s="forward" hidden_size:i input_forget:i=0 layout:i=0|T=3 T1=38
LayerNormalization 17|X:T Scale:T B:T?|Y:T Mean:U? InvStdDev:U?|axis:i=-1 epsilon:f=1e-05 stash_type:i=1|T=3 U=65
LeakyRelu 1|X:T|Y:T|alpha:f=0.01 consumed_inputs:I|T=0
LeakyRelu 6|X:T|Y:T|alpha:f=0.01|T=0
LeakyRelu 16|X:T|Y:T|alpha:f=0.01|T=3
Less 1|A:T B:T|C:T1|axis:i broadcast:i=0|T=0 T1=7
Less 7|A:T B:T|C:T1||T=0 T1=7
Less 9|A:T B:T|C:T1||T=1 T1=7
Less 13|A:T B:T|C:T1||T=2 T1=7
LessOrEqual 12|A:T B:T|C:T1||T=1 T1=7
LessOrEqual 16|A:T B:T|C:T1||T=2 T1=7
LinearAttention 27|query:T key:T value:T past_state:S? decay:T? beta:T?|output:T present_state:S|chunk_size:i=64 kv_num_heads:i! q_num_heads:i! scale:f=0.0 update_rule:s="gated_delta"|T=22 S=22
Log 1|input:T|output:T|consumed_inputs:I|T=0
Log 6|input:T|output:T||T=0
Log 13|input:T|output:T||T=3
LogSoftmax 1|input:T|output:T|axis:i=1|T=0
LogSoftmax 11|input:T|output:T|axis:i=1|T=0
LogSoftmax 13|input:T|output:T|axis:i=-1|T=3
Loop 1|M:I? cond:B? v_initial:V*1~|v_final_and_scan_outputs:V*1~|body:g!|V=25 I=6 B=7
Loop 11|M:I? cond:B? v_initial:V*0~|v_final_and_scan_outputs:V*1~|body:g!|V=25 I=6 B=7
Loop 13|M:I? cond:B? v_initial:V*0~|v_final_and_scan_outputs:V*1~|body:g!|V=57 I=6 B=7
Loop 16|M:I? cond:B? v_initial:V*0~|v_final_and_scan_outputs:V*1~|body:g!|V=58 I=6 B=7
Loop 19|M:I? cond:B? v_initial:V*0~|v_final_and_scan_outputs:V*1~|body:g!|V=59 I=6 B=7
Loop 21|M:I? cond:B? v_initial:V*0~|v_final_and_scan_outputs:V*1~|body:g!|V=60 I=6 B=7
Loop 23|M:I? cond:B? v_initial:V*0~|v_final_and_scan_outputs:V*1~|body:g!|V=61 I=6 B=7
Loop 24|M:I? cond:B? v_initial:V*0~|v_final_and_scan_outputs:V*1~|body:g!|V=62 I=6 B=7
Loop 25|M:I? cond:B? v_initial:V*0~|v_final_and_scan_outputs:V*1~|body:g!|V=63 I=6 B=7
LpNormalization 1|input:T|output:T|axis:i=-1 p:i=2|T=0
LpNormalization 22|input:T|output:T|axis:i=-1 p:i=2|T=3
LpPool 1|X:T|Y:T|auto_pad:s="NOTSET" kernel_shape:I p:f=2.0 pads:I strides:I|T=0
LpPool 2|X:T|Y:T|auto_pad:s="NOTSET" kernel_shape:I! p:i=2 pads:I strides:I|T=0
LpPool 11|X:T|Y:T|auto_pad:s="NOTSET" kernel_shape:I! p:i=2 pads:I strides:I|T=0
LpPool 18|X:T|Y:T|auto_pad:s="NOTSET" ceil_mode:i=0 dilations:I kernel_shape:I! p:i=2 pads:I strides:I|T=0
LpPool 22|X:T|Y:T|auto_pad:s="NOTSET" ceil_mode:i=0 dilations:I kernel_shape:I! p:i=2 pads:I strides:I|T=3
MatMul 1|A:T B:T|Y:T||T=0
MatMul 9|A:T B:T|Y:T||T=4
MatMul 13|A:T B:T|Y:T||T=5
MatMulInteger 10|A:T1 B:T2 a_zero_point:T1? b_zero_point:T2?|Y:T3||T1=37 T2=37 T3=38
Max 1|data_0:T*1|max:T|consumed_inputs:I|T=0
Max 6|data_0:T*1|max:T||T=0
Max 8|data_0:T*1|max:T||T=0
Max 12|data_0:T*1|max:T||T=1
Max 13|data_0:T*1|max:T||T=2
MaxPool 1|X:T|Y:T|auto_pad:s="NOTSET" kernel_shape:I! pads:I strides:I|T=0
MaxPool 8|X:T|Y:T Indices:I?|auto_pad:s="NOTSET" kernel_shape:I! pads:I storage_order:i=0 strides:I|T=0 I=6
MaxPool 10|X:T|Y:T Indices:I?|auto_pad:s="NOTSET" ceil_mode:i=0 dilations:I kernel_shape:I! pads:I storage_order:i=0 strides:I|T=0 I=6
MaxPool 11|X:T|Y:T Indices:I?|auto_pad:s="NOTSET" ceil_mode:i=0 dilations:I kernel_shape:I! pads:I storage_order:i=0 strides:I|T=0 I=6
MaxPool 12|X:T|Y:T Indices:I?|auto_pad:s="NOTSET" ceil_mode:i=0 dilations:I kernel_shape:I! pads:I storage_order:i=0 strides:I|T=66 I=6
MaxPool 22|X:T|Y:T Indices:I?|auto_pad:s="NOTSET" ceil_mode:i=0 dilations:I kernel_shape:I! pads:I storage_order:i=0 strides:I|T=67 I=6
MaxRoiPool 1|X:T rois:T|Y:T|pooled_shape:I! spatial_scale:f=1.0|T=0
MaxRoiPool 22|X:T rois:T|Y:T|pooled_shape:I! spatial_scale:f=1.0|T=3
MaxUnpool 9|X:T1 I:T2 output_shape:T2?|output:T1|kernel_shape:I! pads:I strides:I|T1=0 T2=6
MaxUnpool 11|X:T1 I:T2 output_shape:T2?|output:T1|kernel_shape:I! pads:I strides:I|T1=0 T2=6
MaxUnpool 22|X:T1 I:T2 output_shape:T2?|output:T1|kernel_shape:I! pads:I strides:I|T1=3 T2=6
Mean 1|data_0:T*1|mean:T|consumed_inputs:I|T=0
Mean 6|data_0:T*1|mean:T||T=0
Mean 8|data_0:T*1|mean:T||T=0
Mean 13|data_0:T*1|mean:T||T=3
MeanVarianceNormalization 9|X:T|Y:T|axes:I=[0,2,3]|T=0
MeanVarianceNormalization 13|X:T|Y:T|axes:I=[0,2,3]|T=3
MelWeightMatrix 17|num_mel_bins:T1 dft_length:T1 sample_rate:T1 lower_edge_hertz:T2 upper_edge_hertz:T2|output:T3|output_datatype:i=1|T1=12 T2=3 T3=2
Min 1|data_0:T*1|min:T|consumed_inputs:I|T=0
Min 6|data_0:T*1|min:T||T=0
Min 8|data_0:T*1|min:T||T=0
Min 12|data_0:T*1|min:T||T=1
Min 13|data_0:T*1|min:T||T=2
Mish 18|X:T|Y:T||T=0
Mish 22|X:T|Y:T||T=3
Mod 10|A:T B:T|C:T|fmod:i=0|T=1
Mod 13|A:T B:T|C:T|fmod:i=0|T=2
Mod 28|A:T B:T|C:T|fmod:i=0|T=2
Mul 1|A:T B:T|C:T|axis:i broadcast:i=0 consumed_inputs:I|T=0
Mul 6|A:T B:T|C:T|axis:i broadcast:i=0|T=4
Mul 7|A:T B:T|C:T||T=4
Mul 13|A:T B:T|C:T||T=5
Mul 14|A:T B:T|C:T||T=2
Multinomial 7|input:T1|output:T2|dtype:i=6 sample_size:i=1 seed:f|T1=0 T2=12
Multinomial 22|input:T1|output:T2|dtype:i=6 sample_size:i=1 seed:f|T1=3 T2=12
Neg 1|X:T|Y:T|consumed_inputs:I|T=0
Neg 6|X:T|Y:T||T=68
Neg 13|X:T|Y:T||T=69
NegativeLogLikelihoodLoss 12|input:T target:Tind weight:T?|loss:T|ignore_index:i reduction:s="mean"|T=0 Tind=12
NegativeLogLikelihoodLoss 13|input:T target:Tind weight:T?|loss:T|ignore_index:i reduction:s="mean"|T=0 Tind=12
NegativeLogLikelihoodLoss 22|input:T target:Tind weight:T?|loss:T|ignore_index:i reduction:s="mean"|T=3 Tind=12
NonMaxSuppression 10|boxes:=float32 scores:=float32 max_output_boxes_per_class:=int64? iou_threshold:=float32? score_threshold:=float32?|selected_indices:=int64|center_point_box:i=0
NonMaxSuppression 11|boxes:=float32 scores:=float32 max_output_boxes_per_class:=int64? iou_threshold:=float32? score_threshold:=float32?|selected_indices:=int64|center_point_box:i=0
NonZero 9|X:T|Y:=int64||T=25
NonZero 13|X:T|Y:=int64||T=24
Not 1|X:T|Y:T||T=7
OneHot 9|indices:T1 depth:T2 values:T3|output:T3|axis:i=-1|T1=1 T2=1 T3=25
OneHot 11|indices:T1 depth:T2 values:T3|output:T3|axis:i=-1|T1=1 T2=1 T3=25
OneHot 28|indices:T1 depth:T2 values:T3|output:T3|axis:i=-1|T1=1 T2=1 T3=24
Optional 15|input:V?|output:O|type:y|V=57 O=70
Optional 28|input:V?|output:O|type:y|V=71 O=72
OptionalGetElement 15|input:O|output:V||O=70 V=57
OptionalGetElement 18|input:O|output:V||O=73 V=57
OptionalGetElement 28|input:O|output:V||O=74 V=71
OptionalHasElement 15|input:O|output:B||O=70 B=7
OptionalHasElement 18|input:O?|output:B||O=73 B=7
OptionalHasElement 28|input:O?|output:B||O=74 B=7
Or 1|A:T B:T|C:T1|axis:i broadcast:i=0|T=7 T1=7
Or 7|A:T B:T|C:T1||T=7 T1=7
PRelu 1|X:T slope:T|Y:T|consumed_inputs:I|T=0
PRelu 6|X:T slope:T|Y:T||T=0
PRelu 7|X:T slope:T|Y:T||T=0
PRelu 9|X:T slope:T|Y:T||T=4
PRelu 16|X:T slope:T|Y:T||T=5
Pad 1|data:T|output:T|mode:s="constant" paddings:I! value:f=0.0|T=0
Pad 2|data:T|output:T|mode:s="constant" pads:I! value:f=0.0|T=0
Pad 11|data:T pads:=int64 constant_value:T?|output:T|mode:s="constant"|T=1
Pad 13|data:T pads:=int64 constant_value:T?|output:T|mode:s="constant"|T=24
Pad 18|data:T pads:=int64 constant_value:T? axes:Tind?|output:T|mode:s="constant"|T=24 Tind=12
Pad 19|data:T pads:=int64 constant_value:T? axes:Tind?|output:T|mode:s="constant"|T=24 Tind=12
Pad 21|data:T pads:=int64 constant_value:T? axes:Tind?|output:T|mode:s="constant"|T=28 Tind=12
Pad 23|data:T pads:=int64 constant_value:T? axes:Tind?|output:T|mode:s="constant"|T=29 Tind=12
Pad 24|data:T pads:=int64 constant_value:T? axes:Tind?|output:T|mode:s="constant"|T=30 Tind=12
Pad 25|data:T pads:=int64 constant_value:T? axes:Tind?|output:T|mode:s="constant"|T=31 Tind=12
Pow 1|X:T Y:T|Z:T|axis:i broadcast:i=0|T=0
Pow 7|X:T Y:T|Z:T||T=0
Pow 12|X:T Y:T1|Z:T||T=75 T1=1
Pow 13|X:T Y:T1|Z:T||T=76 T1=1
Pow 15|X:T Y:T1|Z:T||T=76 T1=2
QLinearConv 10|x:T1 x_scale:=float32 x_zero_point:T1 w:T2 w_scale:=float32 w_zero_point:T2 y_scale:=float32 y_zero_point:T3 B:T4?|y:T3|auto_pad:s="NOTSET" dilations:I group:i=1 kernel_shape:I pads:I strides:I|T1=37 T2=37 T3=37 T4=38
QLinearMatMul 10|a:T1 a_scale:=float32 a_zero_point:T1 b:T2 b_scale:=float32 b_zero_point:T2 y_scale:=float32 y_zero_point:T3|y:T3||T1=37 T2=37 T3=37
QLinearMatMul 21|a:T1 a_scale:TS a_zero_point:T1 b:T2 b_scale:TS b_zero_point:T2 y_scale:TS y_zero_point:T3|y:T3||TS=22 T1=77 T2=77 T3=77
QuantizeLinear 10|x:T1 y_scale:=float32 y_zero_point:T2?|y:T2||T1=78 T2=37
QuantizeLinear 13|x:T1 y_scale:=float32 y_zero_point:T2?|y:T2|axis:i=1|T1=78 T2=37
QuantizeLinear 19|x:T1 y_scale:T1 y_zero_point:T2?|y:T2|axis:i=1 saturate:i=1|T1=79 T2=77
QuantizeLinear 21|x:T1 y_scale:T1 y_zero_point:T2?|y:T2|axis:i=1 block_size:i=0 output_dtype:i=0 saturate:i=1|T1=79 T2=80
QuantizeLinear 23|x:T1 y_scale:T2 y_zero_point:T3?|y:T3|axis:i=1 block_size:i=0 output_dtype:i=0 precision:i=0 saturate:i=1|T1=79 T2=79 T3=81
QuantizeLinear 24|x:T1 y_scale:T2 y_zero_point:T3?|y:T3|axis:i=1 block_size:i=0 output_dtype:i=0 precision:i=0 saturate:i=1|T1=79 T2=82 T3=81
QuantizeLinear 25|x:T1 y_scale:T2 y_zero_point:T3?|y:T3|axis:i=1 block_size:i=0 output_dtype:i=0 precision:i=0 saturate:i=1|T1=79 T2=82 T3=83
QuantizeLinear 28|x:T1 y_scale:T2 y_zero_point:T3?|y:T3|axis:i=1 block_size:i=0 output_dtype:i=0 precision:i=0 saturate:i=1|T1=79 T2=82 T3=84
RMSNormalization 23|X:T scale:V|Y:V|axis:i=-1 epsilon:f=1e-05 stash_type:i=1|T=3 V=3
RNN 1|X:T W:T R:T B:T? sequence_lens:T1? initial_h:T?|Y:T? Y_h:T?|activation_alpha:F activation_beta:F activations:S=["Tanh","Tanh"] clip:f direction:s="forward" hidden_size:i output_sequence:i=0|T=0 T1=38
RNN 7|X:T W:T R:T B:T? sequence_lens:T1? initial_h:T?|Y:T? Y_h:T?|activation_alpha:F activation_beta:F activations:S=["Tanh","Tanh"] clip:f direction:s="forward" hidden_size:i|T=0 T1=38
RNN 14|X:T W:T R:T B:T? sequence_lens:T1? initial_h:T?|Y:T? Y_h:T?|activation_alpha:F activation_beta:F activations:S=["Tanh","Tanh"] clip:f direction:s="forward" hidden_size:i layout:i=0|T=0 T1=38
RNN 22|X:T W:T R:T B:T? sequence_lens:T1? initial_h:T?|Y:T? Y_h:T?|activation_alpha:F activation_beta:F activations:S=["Tanh","Tanh"] clip:f direction:s="forward" hidden_size:i layout:i=0|T=3 T1=38
RandomNormal 1||output:T|dtype:i=1 mean:f=0.0 scale:f=1.0 seed:f shape:I!|T=0
RandomNormal 22||output:T|dtype:i=1 mean:f=0.0 scale:f=1.0 seed:f shape:I!|T=3
RandomNormalLike 1|input:T1|output:T2|dtype:i mean:f=0.0 scale:f=1.0 seed:f|T1=25 T2=0
RandomNormalLike 22|input:T1|output:T2|dtype:i mean:f=0.0 scale:f=1.0 seed:f|T1=24 T2=3
RandomUniform 1||output:T|dtype:i=1 high:f=1.0 low:f=0.0 seed:f shape:I!|T=0
RandomUniform 22||output:T|dtype:i=1 high:f=1.0 low:f=0.0 seed:f shape:I!|T=3
RandomUniformLike 1|input:T1|output:T2|dtype:i high:f=1.0 low:f=0.0 seed:f|T1=25 T2=0
RandomUniformLike 22|input:T1|output:T2|dtype:i high:f=1.0 low:f=0.0 seed:f|T1=24 T2=3
Range 11|start:T limit:T delta:T|output:T||T=85
Range 27|start:T limit:T delta:T|output:T|stash_type:i=1|T=86
Reciprocal 1|X:T|Y:T|consumed_inputs:I|T=0
Reciprocal 6|X:T|Y:T||T=0
Reciprocal 13|X:T|Y:T||T=3
ReduceL1 1|data:T|reduced:T|axes:I keepdims:i=1|T=4
ReduceL1 11|data:T|reduced:T|axes:I keepdims:i=1|T=4
ReduceL1 13|data:T|reduced:T|axes:I keepdims:i=1|T=5
ReduceL1 18|data:T axes:=int64?|reduced:T|keepdims:i=1 noop_with_empty_axes:i=0|T=5
ReduceL2 1|data:T|reduced:T|axes:I keepdims:i=1|T=4
ReduceL2 11|data:T|reduced:T|axes:I keepdims:i=1|T=4
ReduceL2 13|data:T|reduced:T|axes:I keepdims:i=1|T=5
ReduceL2 18|data:T axes:=int64?|reduced:T|keepdims:i=1 noop_with_empty_axes:i=0|T=5
ReduceLogSum 1|data:T|reduced:T|axes:I keepdims:i=1|T=4
ReduceLogSum 11|data:T|reduced:T|axes:I keepdims:i=1|T=4
ReduceLogSum 13|data:T|reduced:T|axes:I keepdims:i=1|T=5
ReduceLogSum 18|data:T axes:=int64?|reduced:T|keepdims:i=1 noop_with_empty_axes:i=0|T=5
ReduceLogSum 28|data:T axes:=int64?|reduced:T|keepdims:i=1 noop_with_empty_axes:i=0|T=3
ReduceLogSumExp 1|data:T|reduced:T|axes:I keepdims:i=1|T=4
ReduceLogSumExp 11|data:T|reduced:T|axes:I keepdims:i=1|T=4
ReduceLogSumExp 13|data:T|reduced:T|axes:I keepdims:i=1|T=5
ReduceLogSumExp 18|data:T axes:=int64?|reduced:T|keepdims:i=1 noop_with_empty_axes:i=0|T=5
ReduceLogSumExp 28|data:T axes:=int64?|reduced:T|keepdims:i=1 noop_with_empty_axes:i=0|T=3
ReduceMax 1|data:T|reduced:T|axes:I keepdims:i=1|T=4
ReduceMax 11|data:T|reduced:T|axes:I keepdims:i=1|T=4
ReduceMax 12|data:T|reduced:T|axes:I keepdims:i=1|T=87
ReduceMax 13|data:T|reduced:T|axes:I keepdims:i=1|T=88
ReduceMax 18|data:T axes:=int64?|reduced:T|keepdims:i=1 noop_with_empty_axes:i=0|T=88
ReduceMax 20|data:T axes:=int64?|reduced:T|keepdims:i=1 noop_with_empty_axes:i=0|T=89
ReduceMean 1|data:T|reduced:T|axes:I keepdims:i=1|T=4
ReduceMean 11|data:T|reduced:T|axes:I keepdims:i=1|T=4
ReduceMean 13|data:T|reduced:T|axes:I keepdims:i=1|T=5
ReduceMean 18|data:T axes:=int64?|reduced:T|keepdims:i=1 noop_with_empty_axes:i=0|T=5
ReduceMin 1|data:T|reduced:T|axes:I keepdims:i=1|T=4
ReduceMin 11|data:T|reduced:T|axes:I keepdims:i=1|T=4
ReduceMin 12|data:T|reduced:T|axes:I keepdims:i=1|T=87
ReduceMin 13|data:T|reduced:T|axes:I keepdims:i=1|T=88
ReduceMin 18|data:T axes:=int64?|reduced:T|keepdims:i=1 noop_with_empty_axes:i=0|T=88
ReduceMin 20|data:T axes:=int64?|reduced:T|keepdims:i=1 noop_with_empty_axes:i=0|T=89
ReduceProd 1|data:T|reduced:T|axes:I keepdims:i=1|T=4
ReduceProd 11|data:T|reduced:T|axes:I keepdims:i=1|T=4
ReduceProd 13|data:T|reduced:T|axes:I keepdims:i=1|T=5
ReduceProd 18|data:T axes:=int64?|reduced:T|keepdims:i=1 noop_with_empty_axes:i=0|T=5
ReduceSum 1|data:T|reduced:T|axes:I keepdims:i=1|T=4
ReduceSum 11|data:T|reduced:T|axes:I keepdims:i=1|T=4
ReduceSum 13|data:T axes:=int64?|reduced:T|keepdims:i=1 noop_with_empty_axes:i=0|T=5
ReduceSumSquare 1|data:T|reduced:T|axes:I keepdims:i=1|T=4
ReduceSumSquare 11|data:T|reduced:T|axes:I keepdims:i=1|T=4
ReduceSumSquare 13|data:T|reduced:T|axes:I keepdims:i=1|T=5
ReduceSumSquare 18|data:T axes:=int64?|reduced:T|keepdims:i=1 noop_with_empty_axes:i=0|T=5
RegexFullMatch 20|X:T1|Y:T2|pattern:s|T1=90 T2=7
Relu 1|X:T|Y:T|consumed_inputs:I|T=0
Relu 6|X:T|Y:T||T=0
Relu 13|X:T|Y:T||T=3
Relu 14|X:T|Y:T||T=69
Reshape 1|data:T|reshaped:T|consumed_inputs:I shape:I|T=0
Reshape 5|data:T shape:=int64|reshaped:T||T=25
Reshape 13|data:T shape:=int64|reshaped:T||T=24
Reshape 14|data:T shape:=int64|reshaped:T|allowzero:i=0|T=24
Reshape 19|data:T shape:=int64|reshaped:T|allowzero:i=0|T=27
Reshape 21|data:T shape:=int64|reshaped:T|allowzero:i=0|T=28
Reshape 23|data:T shape:=int64|reshaped:T|allowzero:i=0|T=29
Reshape 24|data:T shape:=int64|reshaped:T|allowzero:i=0|T=30
Reshape 25|data:T shape:=int64|reshaped:T|allowzero:i=0|T=31
Resize 10|X:T scales:=float32|Y:T|mode:s="nearest"|T=25
Resize 11|X:T1 roi:T2 scales:=float32 sizes:=int64?|Y:T1|coordinate_transformation_mode:s="half_pixel" cubic_coeff_a:f=-0.75 exclude_outside:i=0 extrapolation_value:f=0.0 mode:s="nearest" nearest_mode:s="round_prefer_floor"|T1=25 T2=0
Resize 13|X:T1 roi:T2? scales:=float32? sizes:=int64?|Y:T1|coordinate_transformation_mode:s="half_pixel" cubic_coeff_a:f=-0.75 exclude_outside:i=0 extrapolation_value:f=0.0 mode:s="nearest" nearest_mode:s="round_prefer_floor"|T1=24 T2=0
Resize 18|X:T1 roi:T2? scales:=float32? sizes:=int64?|Y:T1|antialias:i=0 axes:I coordinate_transformation_mode:s="half_pixel" cubic_coeff_a:f=-0.75 exclude_outside:i=0 extrapolation_value:f=0.0 keep_aspect_ratio_policy:s="stretch" mode:s="nearest" nearest_mode:s="round_prefer_floor"|T1=24 T2=0
Resize 19|X:T1 roi:T2? scales:=float32? sizes:=int64?|Y:T1|antialias:i=0 axes:I coordinate_transformation_mode:s="half_pixel" cubic_coeff_a:f=-0.75 exclude_outside:i=0 extrapolation_value:f=0.0 keep_aspect_ratio_policy:s="stretch" mode:s="nearest" nearest_mode:s="round_prefer_floor"|T1=24 T2=0
ReverseSequence 10|input:T sequence_lens:=int64|Y:T|batch_axis:i=1 time_axis:i=0|T=25
ReverseSequence 28|input:T sequence_lens:=int64|Y:T|batch_axis:i=1 time_axis:i=0|T=24
RoiAlign 10|X:T1 rois:T1 batch_indices:T2|Y:T1|mode:s="avg" output_height:i=1 output_width:i=1 sampling_ratio:i=0 spatial_scale:f=1.0|T1=0 T2=6
RoiAlign 16|X:T1 rois:T1 batch_indices:T2|Y:T1|coordinate_transformation_mode:s="half_pixel" mode:s="avg" output_height:i=1 output_width:i=1 sampling_ratio:i=0 spatial_scale:f=1.0|T1=0 T2=6
RoiAlign 22|X:T1 rois:T1 batch_indices:T2|Y:T1|coordinate_transformation_mode:s="half_pixel" mode:s="avg" output_height:i=1 output_width:i=1 sampling_ratio:i=0 spatial_scale:f=1.0|T1=3 T2=6
RotaryEmbedding 23|X:T cos_cache:T sin_cache:T position_ids:M?|Y:T|interleaved:i=0 num_heads:i rotary_embedding_dim:i=0|T=22 M=6
Round 11|X:T|Y:T||T=0
Round 22|X:T|Y:T||T=3
STFT 17|signal:T1 frame_step:T2 window:T1? frame_length:T2?|output:T1|onesided:i=1|T1=3 T2=12
Scan 8|sequence_lens:I? initial_state_and_scan_inputs:V*1~|final_state_and_scan_outputs:V*1~|body:g! directions:I num_scan_inputs:i!|I=6 V=25
Scan 9|initial_state_and_scan_inputs:V*1~|final_state_and_scan_outputs:V*1~|body:g! num_scan_inputs:i! scan_input_axes:I scan_input_directions:I scan_output_axes:I scan_output_directions:I|V=25
Scan 11|initial_state_and_scan_inputs:V*1~|final_state_and_scan_outputs:V*1~|body:g! num_scan_inputs:i! scan_input_axes:I scan_input_directions:I scan_output_axes:I scan_output_directions:I|V=25
Scan 16|initial_state_and_scan_inputs:V*1~|final_state_and_scan_outputs:V*1~|body:g! num_scan_inputs:i! scan_input_axes:I scan_input_directions:I scan_output_axes:I scan_output_directions:I|V=24
Scan 19|initial_state_and_scan_inputs:V*1~|final_state_and_scan_outputs:V*1~|body:g! num_scan_inputs:i! scan_input_axes:I scan_input_directions:I scan_output_axes:I scan_output_directions:I|V=27
Scan 21|initial_state_and_scan_inputs:V*1~|final_state_and_scan_outputs:V*1~|body:g! num_scan_inputs:i! scan_input_axes:I scan_input_directions:I scan_output_axes:I scan_output_directions:I|V=28
Scan 23|initial_state_and_scan_inputs:V*1~|final_state_and_scan_outputs:V*1~|body:g! num_scan_inputs:i! scan_input_axes:I scan_input_directions:I scan_output_axes:I scan_output_directions:I|V=29
Scan 24|initial_state_and_scan_inputs:V*1~|final_state_and_scan_outputs:V*1~|body:g! num_scan_inputs:i! scan_input_axes:I scan_input_directions:I scan_output_axes:I scan_output_directions:I|V=30
Scan 25|initial_state_and_scan_inputs:V*1~|final_state_and_scan_outputs:V*1~|body:g! num_scan_inputs:i! scan_input_axes:I scan_input_directions:I scan_output_axes:I scan_output_directions:I|V=31
Scatter 9|data:T indices:Tind updates:T|output:T|axis:i=0|T=25 Tind=12
Scatter 11!|data:T indices:Tind updates:T|output:T|axis:i=0|T=25 Tind=12
ScatterElements 11|data:T indices:Tind updates:T|output:T|axis:i=0|T=25 Tind=12
ScatterElements 13|data:T indices:Tind updates:T|output:T|axis:i=0|T=24 Tind=12
ScatterElements 16|data:T indices:Tind updates:T|output:T|axis:i=0 reduction:s="none"|T=24 Tind=12
ScatterElements 18|data:T indices:Tind updates:T|output:T|axis:i=0 reduction:s="none"|T=24 Tind=12
ScatterND 11|data:T indices:=int64 updates:T|output:T||T=25
ScatterND 13|data:T indices:=int64 updates:T|output:T||T=24
ScatterND 16|data:T indices:=int64 updates:T|output:T|reduction:s="none"|T=24
ScatterND 18|data:T indices:=int64 updates:T|output:T|reduction:s="none"|T=24
Selu 1|X:T|Y:T|alpha:f=1.6732 consumed_inputs:I gamma:f=1.0507|T=0
Selu 6|X:T|Y:T|alpha:f=1.673263 gamma:f=1.050701|T=0
Selu 22|X:T|Y:T|alpha:f=1.673263 gamma:f=1.050701|T=3
SequenceAt 11|input_sequence:S position:I|tensor:T||S=26 T=25 I=12
SequenceConstruct 11|inputs:T*1|output_sequence:S||T=25 S=26
SequenceEmpty 11||output:S|dtype:i|S=26
SequenceErase 11|input_sequence:S position:I?|output_sequence:S||S=26 I=12
SequenceInsert 11|input_sequence:S tensor:T position:I?|output_sequence:S||T=25 S=26 I=12
SequenceLength 11|input_sequence:S|length:I||S=26 I=6
SequenceMap 17|input_sequence:S additional_inputs:V*0~|out_sequence:S*1~|body:g!|S=26 V=57
Shape 1|data:T|shape:T1||T=25 T1=6
Shape 13|data:T|shape:T1||T=24 T1=6
Shape 15|data:T|shape:T1|end:i start:i=0|T=24 T1=6
Shape 19|data:T|shape:T1|end:i start:i=0|T=27 T1=6
Shape 21|data:T|shape:T1|end:i start:i=0|T=28 T1=6
Shape 23|data:T|shape:T1|end:i start:i=0|T=29 T1=6
Shape 24|data:T|shape:T1|end:i start:i=0|T=30 T1=6
Shape 25|data:T|shape:T1|end:i start:i=0|T=31 T1=6
Shrink 9|input:T|output:T|bias:f=0.0 lambd:f=0.5|T=1
Sigmoid 1|X:T|Y:T|consumed_inputs:I|T=0
Sigmoid 6|X:T|Y:T||T=0
Sigmoid 13|X:T|Y:T||T=3
Sign 9|input:T|output:T||T=1
Sign 13|input:T|output:T||T=2
Sin 7|input:T|output:T||T=0
Sin 22|input:T|output:T||T=3
Sinh 9|input:T|output:T||T=0
Sinh 22|input:T|output:T||T=3
Size 1|data:T|size:T1||T=25 T1=6
Size 13|data:T|size:T1||T=24 T1=6
Size 19|data:T|size:T1||T=27 T1=6
Size 21|data:T|size:T1||T=28 T1=6
Size 23|data:T|size:T1||T=29 T1=6
Size 24|data:T|size:T1||T=30 T1=6
Size 25|data:T|size:T1||T=31 T1=6
Slice 1|data:T|output:T|axes:I ends:I! starts:I!|T=25
Slice 10|data:T starts:Tind ends:Tind axes:Tind? steps:Tind?|output:T||T=25 Tind=12
Slice 11|data:T starts:Tind ends:Tind axes:Tind? steps:Tind?|output:T||T=25 Tind=12
Slice 13|data:T starts:Tind ends:Tind axes:Tind? steps:Tind?|output:T||T=24 Tind=12
Softmax 1|input:T|output:T|axis:i=1|T=0
Softmax 11|input:T|output:T|axis:i=1|T=0
Softmax 13|input:T|output:T|axis:i=-1|T=3
SoftmaxCrossEntropyLoss 12|scores:T labels:Tind weights:T?|output:T log_prob:T?|ignore_index:i reduction:s="mean"|T=0 Tind=12
SoftmaxCrossEntropyLoss 13|scores:T labels:Tind weights:T?|output:T log_prob:T?|ignore_index:i reduction:s="mean"|T=3 Tind=12
Softplus 1|X:T|Y:T||T=0
Softplus 22|X:T|Y:T||T=3
Softsign 1|input:T|output:T||T=0
Softsign 22|input:T|output:T||T=3
SpaceToDepth 1|input:T|output:T|blocksize:i!|T=25
SpaceToDepth 13|input:T|output:T|blocksize:i!|T=24
SpaceToDepth 28|input:T|output:T|blocksize:i! mode:s="DCR"|T=24
Split 1|input:T split:T?|outputs...:T*1|axis:i split:I|T=0
Split 2|input:T|outputs:T*1|axis:i=0 split:I|T=25
Split 11|input:T|outputs:T*1|axis:i=0 split:I|T=25
Split 13|input:T split:=int64?|outputs:T*1|axis:i=0|T=24
Split 18|input:T split:=int64?|outputs:T*1|axis:i=0 num_outputs:i|T=24
SplitToSequence 11|input:T split:I?|output_sequence:S|axis:i=0 keepdims:i=1|T=25 I=12 S=26
SplitToSequence 24|input:T split:I?|output_sequence:S|axis:i=0 keepdims:i=1|T=24 I=12 S=91
Sqrt 1|X:T|Y:T|consumed_inputs:I|T=0
Sqrt 6|X:T|Y:T||T=0
Sqrt 13|X:T|Y:T||T=3
Squeeze 1|data:T|squeezed:T|axes:I|T=25
Squeeze 11|data:T|squeezed:T|axes:I|T=25
Squeeze 13|data:T axes:=int64?|squeezed:T||T=24
Squeeze 21|data:T axes:=int64?|squeezed:T||T=28
Squeeze 23|data:T axes:=int64?|squeezed:T||T=29
Squeeze 24|data:T axes:=int64?|squeezed:T||T=30
Squeeze 25|data:T axes:=int64?|squeezed:T||T=31
StringConcat 20|X:T Y:T|Z:T||T=90
StringNormalizer 10|X:=string|Y:=string|case_change_action:s="NONE" is_case_sensitive:i=0 locale:s stopwords:S
StringSplit 20|X:T1|Y:T2 Z:T3|delimiter:s maxsplit:i|T1=90 T2=90 T3=6
Sub 1|A:T B:T|C:T|axis:i broadcast:i=0 consumed_inputs:I|T=0
Sub 6|A:T B:T|C:T|axis:i broadcast:i=0|T=4
Sub 7|A:T B:T|C:T||T=4
Sub 13|A:T B:T|C:T||T=5
Sub 14|A:T B:T|C:T||T=2
Sum 1|data_0:T*1|sum:T|consumed_inputs:I|T=0
Sum 6|data_0:T*1|sum:T||T=0
Sum 8|data_0:T*1|sum:T||T=0
Sum 13|data_0:T*1|sum:T||T=3
SwiGLU 28|A:T B:T|Y:T|alpha:f=1.0|T=3
Swish 24|X:T|Y:T|alpha:f=1.0|T=3
Tan 7|input:T|output:T||T=0
Tan 22|input:T|output:T||T=3
Tanh 1|input:T|output:T|consumed_inputs:I|T=0
Tanh 6|input:T|output:T||T=0
Tanh 13|input:T|output:T||T=3
TensorScatter 24|past_cache:T update:T write_indices:=int64?|present_cache:T|axis:i=-2 mode:s="linear"|T=30
TfIdfVectorizer 9|X:T|Y:T1|max_gram_length:i! max_skip_count:i! min_gram_length:i! mode:s! ngram_counts:I! ngram_indexes:I! pool_int64s:I pool_strings:S weights:F|T=92 T1=23
ThresholdedRelu 10|X:T|Y:T|alpha:f=1.0|T=0
ThresholdedRelu 22|X:T|Y:T|alpha:f=1.0|T=3
Tile 1|input:T tiles:T axis:T|output:T||T=0 T1=6
Tile 6|input:T repeats:T1|output:T||T=25 T1=6
Tile 13|input:T repeats:T1|output:T||T=24 T1=6
TopK 1|X:T|Values:T Indices:I|axis:i=-1 k:i!|T=0 I=6
TopK 10|X:T K:=int64|Values:T Indices:I|axis:i=-1|T=0 I=6
TopK 11|X:T K:=int64|Values:T Indices:I|axis:i=-1 largest:i=1 sorted:i=1|T=1 I=6
TopK 24|X:T K:=int64|Values:T Indices:I|axis:i=-1 largest:i=1 sorted:i=1|T=2 I=6
Transpose 1|data:T|transposed:T|perm:I|T=25
Transpose 13|data:T|transposed:T|perm:I|T=24
Transpose 21|data:T|transposed:T|perm:I|T=28
Transpose 23|data:T|transposed:T|perm:I|T=29
Transpose 24|data:T|transposed:T|perm:I|T=30
Transpose 25|data:T|transposed:T|perm:I|T=31
Trilu 14|input:T k:=int64?|output:T|upper:i=1|T=24
Unique 11|X:T|Y:T indices:=int64? inverse_indices:=int64? counts:=int64?|axis:i sorted:i=1|T=25
Unique 28|X:T|Y:T indices:=int64? inverse_indices:=int64? counts:=int64?|axis:i sorted:i=1|T=24
Unsqueeze 1|data:T|expanded:T|axes:I!|T=25
Unsqueeze 11|data:T|expanded:T|axes:I!|T=25
Unsqueeze 13|data:T axes:=int64|expanded:T||T=24
Unsqueeze 21|data:T axes:=int64|expanded:T||T=28
Unsqueeze 23|data:T axes:=int64|expanded:T||T=29
Unsqueeze 24|data:T axes:=int64|expanded:T||T=30
Unsqueeze 25|data:T axes:=int64|expanded:T||T=31
Upsample 1|X:T|Y:T|height_scale:f! mode:s="nearest" width_scale:f!|T=93
Upsample 7|X:T|Y:T|mode:s="nearest" scales:F!|T=25
Upsample 9|X:T scales:=float32|Y:T|mode:s="nearest"|T=25
Upsample 10!|X:T scales:=float32|Y:T|mode:s="nearest"|T=25
Where 9|condition:B X:T Y:T|output:T||B=7 T=25
Where 16|condition:B X:T Y:T|output:T||B=7 T=24
Xor 1|A:T B:T|C:T1|axis:i broadcast:i=0|T=7 T1=7
Xor 7|A:T B:T|C:T1||T=7 T1=7`,
  'ai.onnx.ml': `ArrayFeatureExtractor 1|X:T Y:=int64|Z:T||T=94
Binarizer 1|X:T|Y:T|threshold:f=0.0|T=95
CastMap 1|X:T1|Y:T2|cast_to:s="TO_FLOAT" map_form:s="DENSE" max_map:i=1|T1=96 T2=97
CategoryMapper 1|X:T1|Y:T2|cats_int64s:I cats_strings:S default_int64:i=-1 default_string:s="_Unused"|T1=98 T2=98
DictVectorizer 1|X:T1|Y:T2|int64_vocabulary:I string_vocabulary:S|T1=99 T2=100
FeatureVectorizer 1|X:T1*1|Y:=float32|inputdimensions:I|T1=95
Imputer 1|X:T|Y:T|imputed_value_floats:F imputed_value_int64s:I replaced_value_float:f=0.0 replaced_value_int64:i=0|T=95
LabelEncoder 1|X:T1|Y:T2|classes_strings:S default_int64:i=-1 default_string:s="_Unused"|T1=98 T2=98
LabelEncoder 2|X:T1|Y:T2|default_float:f=-0.0 default_int64:i=-1 default_string:s="_Unused" keys_floats:F keys_int64s:I keys_strings:S values_floats:F values_int64s:I values_strings:S|T1=97 T2=97
LabelEncoder 4|X:T1|Y:T2|default_float:f=-0.0 default_int64:i=-1 default_string:s="_Unused" default_tensor:t keys_floats:F keys_int64s:I keys_strings:S keys_tensor:t values_floats:F values_int64s:I values_strings:S values_tensor:t|T1=101 T2=101
LinearClassifier 1|X:T1|Y:T2 Z:=float32|classlabels_ints:I classlabels_strings:S coefficients:F! intercepts:F multi_class:i=0 post_transform:s="NONE"|T1=95 T2=98
LinearRegressor 1|X:T|Y:=float32|coefficients:F intercepts:F post_transform:s="NONE" targets:i=1|T=95
Normalizer 1|X:T|Y:=float32|norm:s="MAX"|T=95
OneHotEncoder 1|X:T|Y:=float32|cats_int64s:I cats_strings:S zeros:i=1|T=94
SVMClassifier 1|X:T1|Y:T2 Z:=float32|classlabels_ints:I classlabels_strings:S coefficients:F kernel_params:F kernel_type:s="LINEAR" post_transform:s="NONE" prob_a:F prob_b:F rho:F support_vectors:F vectors_per_class:I|T1=95 T2=98
SVMRegressor 1|X:T|Y:=float32|coefficients:F kernel_params:F kernel_type:s="LINEAR" n_supports:i=0 one_class:i=0 post_transform:s="NONE" rho:F support_vectors:F|T=95
Scaler 1|X:T|Y:=float32|offset:F scale:F|T=95
TreeEnsemble 5|X:T|Y:T|aggregate_function:i=1 leaf_targetids:I! leaf_weights:t! membership_values:t n_targets:i nodes_falseleafs:I! nodes_falsenodeids:I! nodes_featureids:I! nodes_hitrates:t nodes_missing_value_tracks_true:I nodes_modes:t! nodes_splits:t! nodes_trueleafs:I! nodes_truenodeids:I! post_transform:i=0 tree_roots:I!|T=0
TreeEnsembleClassifier 1|X:T1|Y:T2 Z:=float32|base_values:F class_ids:I class_nodeids:I class_treeids:I class_weights:F classlabels_int64s:I classlabels_strings:S nodes_falsenodeids:I nodes_featureids:I nodes_hitrates:F nodes_missing_value_tracks_true:I nodes_modes:S nodes_nodeids:I nodes_treeids:I nodes_truenodeids:I nodes_values:F post_transform:s="NONE"|T1=95 T2=98
TreeEnsembleClassifier 3|X:T1|Y:T2 Z:=float32|base_values:F base_values_as_tensor:t class_ids:I class_nodeids:I class_treeids:I class_weights:F class_weights_as_tensor:t classlabels_int64s:I classlabels_strings:S nodes_falsenodeids:I nodes_featureids:I nodes_hitrates:F nodes_hitrates_as_tensor:t nodes_missing_value_tracks_true:I nodes_modes:S nodes_nodeids:I nodes_treeids:I nodes_truenodeids:I nodes_values:F nodes_values_as_tensor:t post_transform:s="NONE"|T1=95 T2=98
TreeEnsembleClassifier 5!|X:T1|Y:T2 Z:=float32|base_values:F base_values_as_tensor:t class_ids:I class_nodeids:I class_treeids:I class_weights:F class_weights_as_tensor:t classlabels_int64s:I classlabels_strings:S nodes_falsenodeids:I nodes_featureids:I nodes_hitrates:F nodes_hitrates_as_tensor:t nodes_missing_value_tracks_true:I nodes_modes:S nodes_nodeids:I nodes_treeids:I nodes_truenodeids:I nodes_values:F nodes_values_as_tensor:t post_transform:s="NONE"|T1=95 T2=98
TreeEnsembleRegressor 1|X:T|Y:=float32|aggregate_function:s="SUM" base_values:F n_targets:i nodes_falsenodeids:I nodes_featureids:I nodes_hitrates:F nodes_missing_value_tracks_true:I nodes_modes:S nodes_nodeids:I nodes_treeids:I nodes_truenodeids:I nodes_values:F post_transform:s="NONE" target_ids:I target_nodeids:I target_treeids:I target_weights:F|T=95
TreeEnsembleRegressor 3|X:T|Y:=float32|aggregate_function:s="SUM" base_values:F base_values_as_tensor:t n_targets:i nodes_falsenodeids:I nodes_featureids:I nodes_hitrates:F nodes_hitrates_as_tensor:t nodes_missing_value_tracks_true:I nodes_modes:S nodes_nodeids:I nodes_treeids:I nodes_truenodeids:I nodes_values:F nodes_values_as_tensor:t post_transform:s="NONE" target_ids:I target_nodeids:I target_treeids:I target_weights:F target_weights_as_tensor:t|T=95
TreeEnsembleRegressor 5!|X:T|Y:=float32|aggregate_function:s="SUM" base_values:F base_values_as_tensor:t n_targets:i nodes_falsenodeids:I nodes_featureids:I nodes_hitrates:F nodes_hitrates_as_tensor:t nodes_missing_value_tracks_true:I nodes_modes:S nodes_nodeids:I nodes_treeids:I nodes_truenodeids:I nodes_values:F nodes_values_as_tensor:t post_transform:s="NONE" target_ids:I target_nodeids:I target_treeids:I target_weights:F target_weights_as_tensor:t|T=95
ZipMap 1|X:=float32|Z:T|classlabels_int64s:I classlabels_strings:S|T=102`,
  'ai.onnx.preview': `FlexAttention 1|Q:T1 K:T1 V:T1|Y:T1|prob_mod:g scale:f score_mod:g softmax_precision:i|T1=3`,
  'ai.onnx.preview.training': `Adagrad 1|R:T1 T:T2 inputs:T3*1~|outputs:T3*1~|decay_factor:f=0.0 epsilon:f=1e-06 norm_coefficient:f=0.0|T1=64 T2=6 T3=64
Adam 1|R:T1 T:T2 inputs:T3*1~|outputs:T3*1~|alpha:f=0.9 beta:f=0.999 epsilon:f=1e-06 norm_coefficient:f=0.0 norm_coefficient_post:f=0.0|T1=64 T2=6 T3=64
Gradient 1|Inputs:T1*1~|Outputs:T2*1~|xs:S! y:s! zs:S|T1=25 T2=0
Momentum 1|R:T1 T:T2 inputs:T3*1~|outputs:T3*1~|alpha:f! beta:f! mode:s! norm_coefficient:f!|T1=64 T2=6 T3=64`,
  'com.microsoft': `Attention 1|input:T weights:T bias:T? mask_index:M? past:T? attention_bias:T? past_sequence_length:M?|output:T present:T?|do_rotary:i mask_filter_value:f num_heads:i! past_present_share_buffer:i qkv_hidden_sizes:I rotary_embedding_dim:i scale:f unidirectional:i=0|T=22 M=38
AttnLSTM 1|X:T W:T R:T B:T? sequence_lens:T1? initial_h:T? initial_c:T? P:T? QW:T? MW:T? V:T? M:T? memory_seq_lens:T1? AW:T?|Y:T? Y_h:T? Y_c:T?|activation_alpha:F activation_beta:F activations:S clip:f direction:s="forward" hidden_size:i input_forget:i=0|T=64 T1=38
BeamSearch 1|input_ids:F max_length:I min_length:I? num_beams:I num_return_sequences:I length_penalty:T? repetition_penalty:T? vocab_mask:M? prefix_vocab_mask:M? attention_mask:I? decoder_input_ids:I? logits_processor:I?|sequences:I sequences_scores:T? scores:T?|decoder:g! decoder_start_token_id:i=-1 early_stopping:i=0 encoder:g eos_token_id:i! init_decoder:g model_type:i=0 no_repeat_ngram_size:i=0 pad_token_id:i! vocab_size:i=-1|T=103 F=104 I=38 M=38
BiasAdd 1|X:T bias:T skip:T|Y:T||T=103
BiasDropout 1|data:T bias:T residual:T? ratio:T1? training_mode:T2?|output:T mask:T2?|seed:i|T=3 T1=3 T2=7
BiasGelu 1|A:T B:T|C:T||T=3
BiasSoftmax 1|data:T bias:T|output:T|axis:i=1 is_inner_broadcast:i!|T=0
BiasSplitGelu 1|X:T bias:T|Y:T||T=103
BifurcationDetector 1|src_tokens:T cur_tokens:T prev_suffix_match_idx:T pred_tokens:T?|tokens:T suffix_match_idx:T|max_ngram_size:i=3 min_ngram_size:i=1|T=6
BitmaskBiasDropout 1|data:T bias:T residual:T? ratio:T1? training_mode:T2?|output:T mask:T3?|seed:i|T=3 T1=3 T2=7 T3=105
BitmaskDropout 1|data:T ratio:T1? training_mode:T2?|output:T mask:T3?|seed:i|T=3 T1=3 T2=7 T3=105
BranchwiseRMSNorm 1|X:T scale:M?|Y:T|epsilon:f=1e-05 num_branches:i=0|T=22 M=22
CDist 1|A:T B:T|C:T|metric:s="sqeuclidean"|T=64
CausalConvWithState 1|input:T weight:T bias:T? past_state:T?|output:T present_state:T|activation:s="none" channels_last:i=0 dilation:i=1 ndim:i=1 state_window:i=0|T=22
ComplexMul 1|A:T B:T|C:T||T=0
ComplexMulConj 1|A:T B:T|C:T||T=0
ConvTransposeWithDynamicPads 1|X:T W:T Pads:=int64? B:T?|Y:T|auto_pad:s="NOTSET" dilations:I group:i=1 kernel_shape:I output_padding:I strides:I|T=0
CropAndResize 1|X:T1 rois:T1 batch_indices:T2 crop_size:T2|Y:T1|extrapolation_value:f=0.0 mode:s="bilinear"|T1=0 T2=38
DecoderAttention 1|query:T key:T q_weight:T kv_weight:T bias:T key_padding_mask:B? key_cache:T? value_cache:T? static_kv:B use_past:B has_layer_state:B has_key_padding_mask:B|output:T new_key_cache:T? new_value_cache:T?|mask_filter_value:f num_heads:i!|T=103 B=7
DecoderMaskedMultiHeadAttention 1|query:T key:T? value:T? mask_index:M? attention_bias:T? past_key:T? past_value:T? past_sequence_length:M? beam_width:M? cache_indirection:M? bias:T?|output:T present_key:T? present_value:T? qk:QK?|mask_filter_value:f num_heads:i! output_qk:i past_present_share_buffer:i scale:f|T=103 QK=103 M=38
DecoderMaskedSelfAttention 1|input:T weights:T bias:T mask_index:M? past:T attention_bias:T? past_sequence_length:M beam_width:M? cache_indirection:M?|output:T present:T|do_rotary:i mask_filter_value:f num_heads:i! past_present_share_buffer:i scale:f|T=103 M=38
DequantizeBFP 1|x:T1 shape:T2 strides:T2|y:T3|bfp_type:i! block_dim:i=-1 dtype:i=1|T1=48 T2=6 T3=22
DequantizeLinear 1|x:T1 x_scale:T2 x_zero_point:T1?|y:T2|axis:i|T1=106 T2=103
DequantizeWithOrder 1|input:Q scale_input:S|output:F|order_input:i! order_output:i! to:i!|Q=107 F=103 S=23
DynamicQuantizeLSTM 1|X:T W:T2 R:T2 B:T? sequence_lens:T1? initial_h:T? initial_c:T? P:T? W_scale:T W_zero_point:T2 R_scale:T R_zero_point:T2|Y:T? Y_h:T? Y_c:T?|activation_alpha:F activation_beta:F activations:S clip:f direction:s="forward" hidden_size:i input_forget:i=0|T=23 T1=38 T2=37
DynamicQuantizeMatMul 1|A:T1 B:T2 b_scale:T1 b_zero_point:T2? bias:T1?|Y:T1||T1=23 T2=37
DynamicSparseAttention 1|query:T key:T? value:T? past_key:T? past_value:T? auxiliary_key:T? auxiliary_value:T? selected_indices:M selected_counts:M seqlens_k:M total_sequence_length:M cos_cache:T? sin_cache:T? position_ids:=int64? q_norm_weight:T? k_norm_weight:T? head_sink:T?|output:T present_key:T? present_value:T?|attention_mode:s="selected_only" auxiliary_kv_shared:i=0 do_rotary:i=0 is_causal:i=1 kv_num_heads:i! local_window_size:i=-1 num_heads:i! qk_norm_epsilon:f=1e-06 rotary_interleaved:i=0 rotary_offset:i=0 scale:f selected_kv_source:s="main" smooth_softmax:i=0|T=22 M=38
DynamicTimeWarping 1|input:F|output:I||F=23 I=38
EPContext 1|inputs:T*1~|outputs:T*1~|embed_mode:i=1 ep_cache_context:s ep_sdk_version:s hardware_architecture:s main_context:i=1 max_size:i=0 notes:s onnx_model_filename:s partition_name:s source:s|T=8
EmbedLayerNormalization 1|input_ids:T1 segment_ids:T1? word_embedding:T position_embedding:T segment_embedding:T? gamma:T beta:T mask:T1? position_ids:T1?|output:T mask_index:T1? embedding_sum:T?|epsilon:f=1e-12 mask_index_type:i|T1=38 T=103
EngramGate 1|key:T query:T value:T key_norm_scale:T query_norm_scale:T conv_norm_scale:T?|output:T gated_value_normed:T?|epsilon:f=1e-05|T=22
ExpandDims 1|X:T axis:=int32|Y:T||T=25
FastGelu 1|X:T bias:T?|Y:T||T=3
FusedConv 1|X:T W:T B:T? Z:T?|Y:T|activation:s activation_params:F auto_pad:s="NOTSET" dilations:I group:i=1 kernel_shape:I pads:I strides:I|T=0
FusedGemm 1|A:T B:T C:T?|Y:T|activation:s activation_alpha:f activation_beta:f activation_gamma:f alpha:f=1.0 beta:f=1.0 transA:i=0 transB:i=0|T=4
FusedMatMul 1|A:T B:T|Y:T|alpha:f=1.0 transA:i=0 transB:i=0 transBatchA:i=0 transBatchB:i=0|T=3
FusedMatMulActivation 1|A:T B:T|Y:T|activation:s! activation_alpha:f activation_axis:i activation_beta:f activation_gamma:f alpha:f=1.0 transA:i=0 transB:i=0 transBatchA:i=0 transBatchB:i=0|T=3
GatedAdd 1|X:T Y:T gate:T|output:T||T=22
GatedDeltaNet 1|query:T key:T? value:T? cu_seqlens:TI? decay:TS? beta:TS? initial_state:TS? a_log:TS? dt_bias:TS? capture_count:TI? state_update_active:TI?|output:T final_state:TS? state_update:TS?|beta_activation:s="none" chunk_size:i=64 gate_activation:s="none" qk_l2_norm:i=0 scale:f=0.0 state_update_capacity:i=0 update_rule:s="gated_delta"|T=22 TS=23 TI=38
GatedRMSNorm 1|X:T scale:T gate:T|Y:T|activation:s="silu" epsilon:f=1e-05|T=22
GatedRelativePositionBias 1|query_layer:T query_bias:T rel_pos:T weight:T bias:T eco_a:T token_offset:M?|output:T|num_heads:i!|T=103 M=38
GatherBlockQuantized 1|data:T1 indices:Tind scales:T2 zero_points:T1?|output:T2|bits:i=4 block_size:i=128 gather_axis:i=0 quantize_axis:i=1|T1=108 T2=22 Tind=12
GatherND 1|data:T indices:Tind|output:T||T=25 Tind=12
Gelu 1|X:T|Y:T||T=3
GemmFastGelu 1|X:T W:T bias:T?|Y:T||T=22
GemmFloat8 1|A:TA B:TB C:TC? scaleA:TS? scaleB:TS? scaleY:TS?|Y:TR|activation:s alpha:f=1.0 beta:f=0.0 dtype:i=1 transA:i=0 transB:i=0|TA=109 TB=109 TC=22 TR=109 TS=23
GemmaRotaryEmbedding 1|emb:U q:T q_rot:T k:T k_rot:T|output1:T output2:T||T=110 U=23
GreedySearch 1|input_ids:I max_length:I min_length:I? repetition_penalty:T? vocab_mask:I? prefix_vocab_mask:I? attention_mask:I?|sequences:I|decoder:g! decoder_start_token_id:i=-1 encoder:g eos_token_id:i! init_decoder:g model_type:i=0 no_repeat_ngram_size:i=0 pad_token_id:i! vocab_size:i=-1|T=23 I=38
GridSample 1|X:T1 Grid:T1|Y:T2|align_corners:i=0 mode:s="bilinear" padding_mode:s="zeros"|T1=25 T2=0
GroupNorm 1|X:T gamma:M beta:M|Y:T|activation:i! channels_last:i=1 epsilon:f=1e-05 groups:i!|T=103 M=103
GroupQueryAttention 1|query:T key:T? value:T? past_key:T_CACHE? past_value:T_CACHE? seqlens_k:M total_sequence_length:M cos_cache:T? sin_cache:T? position_ids:=int64? attention_bias:T? head_sink:T? k_scale:T_KV_SCALE? v_scale:T_KV_SCALE? q_norm_weight:T? k_norm_weight:T?|output:T present_key:T_CACHE? present_value:T_CACHE? output_qk:T?|causal:i=1 do_rotary:i k_quant_type:s="NONE" kv_cache_bit_width:i kv_num_heads:i! local_window_size:i=-1 num_heads:i! qk_norm_epsilon:f=1e-06 qk_output:i=0 rotary_interleaved:i scale:f sliding_window_cache:i=0 smooth_softmax:i=-1 softcap:f v_quant_type:s="NONE"|T=22 T_CACHE=111 T_KV_SCALE=23 M=38
HyperConnectionPostMix 1|streams:T block_output:T post_mix:M stream_mix:M?|output:T|num_branches:i=0|T=22 M=22
HyperConnectionPreMix 1|streams:T pre_mix:M|output:T|num_branches:i=0 reduction_scale:f=1.0|T=22 M=22
Inverse 1|X:T|Y:T||T=0
Irfft 1|X:T|Y:T|normalized:i=0 onesided:i=1 signal_ndim:i!|T=0
IsAllFinite 1|input:V*1|output:T|isinf_only:i=0 isnan_only:i=0|V=3 T=7
LinearAttention 1|query:T key:T value:T past_state:S? decay:T? beta:T?|output:T present_state:S|chunk_size:i=64 kv_num_heads:i! q_num_heads:i! scale:f=0.0 state_window:i=0 update_rule:s="gated_delta"|T=22 S=22
LinearAttentionGate 1|a:T dt_bias:TF decay_scale:TF b:T?|decay:T beta:T?||T=22 TF=23
LongformerAttention 1|input:T weight:T bias:T mask:T global_weight:T global_bias:T global:G|output:T|num_heads:i! window:i!|T=103 G=38
MRotaryEmbedding 1|input:T position_ids:M cos_cache:T sin_cache:T|output:T|interleaved:i is_packed_batching:i mrope_layout:i mrope_section:I! num_heads:i rotary_embedding_dim:i scale:f|T=22 M=6
MatMulBlockQuantizedFp4Weight 1|A:T B:T1 weight_scale:T2 weight_scale_2:T3 input_scale:T3? bias:T?|Y:T|block_size:i=16|T=112 T1=48 T2=48 T3=23
MatMulBlockQuantizedFp8Weight 1|A:T B:T1 b_scale:T2 a_scale:T2? bias:T?|Y:T|block_size:i=128|T=112 T1=113 T2=23
MatMulBnb4 1|A:T1 B:T2 absmax:T1|Y:T1|K:i! N:i! block_size:i! quant_type:i! training_mode:i=0 transB:i=1|T1=22 T2=48
MatMulFpQ4 1|A:T1 B:T2 B_shape:T3|Y:T1|blk_quant_type:i=1|T1=23 T2=48 T3=6
MatMulInteger16 1|A:T1 B:T2|Y:T3||T1=114 T2=114 T3=115
MatMulIntegerToFloat 1|A:T1 B:T2 a_scale:T3 b_scale:T3 a_zero_point:T1? b_zero_point:T2? bias:T3?|Y:T3||T1=37 T2=37 T3=103
MatMulNBits 1|A:T1 B:T2 scales:T1 zero_points:T3? g_idx:T4? bias:T1?|Y:T1|K:i! N:i! accuracy_level:i=0 bits:i=4 block_size:i! weight_prepacked:i=0|T1=22 T2=48 T3=116 T4=38
MatMulNBitsMlp 1|A:T1 skip:T1? norm_scale:T1? gate_B:T2 gate_scales:T1 gate_bias:T1? up_B:T2 up_scales:T1 up_bias:T1?|Y:T1 input_skip_bias_sum:T1?|K:i! N:i! accuracy_level:i=0 activation:s! bits:i=4 block_size:i! epsilon:f=1e-05|T1=22 T2=48
MatMulNBitsQkv 1|A:T1 skip:T1? norm_scale:T1 q_B:T2 q_scales:T1 q_bias:T1? k_B:T2 k_scales:T1 k_bias:T1? v_B:T2 v_scales:T1 v_bias:T1?|Q:T1 K:T1 V:T1 input_skip_bias_sum:T1?|K:i! Nkv:i! Nq:i! accuracy_level:i=0 bits:i=4 block_size:i! epsilon:f=1e-06|T1=22 T2=48
MaxpoolWithMask 1|X:T M:=int32|Y:T|auto_pad:s="NOTSET" kernel_shape:I pads:I storage_order:i=0 strides:I|T=23
MoE 1|input:T router_probs:T fc1_experts_weights:T fc1_experts_bias:T? fc2_experts_weights:T fc2_experts_bias:T? fc3_experts_weights:T? fc3_experts_bias:T?|output:T|activation_alpha:f=1.0 activation_beta:f=0.0 activation_type:s="relu" k:i=1 normalize_routing_weights:i=0 swiglu_fusion:i=0 swiglu_limit:f use_sparse_mixer:i=0|T=22
MulInteger 1|A:T A_zero_point:T? B:T B_zero_point:T?|C:T1||T=37 T1=38
MultiHeadAttention 1|query:T key:T? value:T? bias:T? key_padding_mask:M? attention_bias:T? past_key:T? past_value:T? past_sequence_length:M? cache_indirection:M?|output:T present_key:T? present_value:T? qk:QK?|mask_filter_value:f num_heads:i! scale:f unidirectional:i=0|T=22 QK=22 M=38
MurmurHash3 1|X:T1|Y:T2|positive:i=1 seed:i=0|T1=117 T2=115
NGramHashMapping 1|input_ids:M multipliers:M vocab_sizes:M past_ids:M? head_offsets:M? eos_token_id:M? segment_ids:=int32?|hash_ids:M present_ids:M?|max_ngram_size:i! n_head_per_ngram:i! pad_id:i! reset_on_eos:i=0|M=12
NGramRepeatBlock 1|input_ids:Tid scores:T|scores_out:T|ngram_size:i!|Tid=6 T=23
NhwcConv 1|X:T W:T B:T?|Y:T|auto_pad:s="NOTSET" dilations:I group:i=1 kernel_shape:I pads:I strides:I|T=0
NhwcFusedConv 1|X:T W:T B:T? Z:T?|Y:T|activation:s activation_params:F auto_pad:s="NOTSET" dilations:I group:i=1 kernel_shape:I pads:I strides:I|T=103
NhwcMaxPool 1|x:T|y:T|auto_pad:s="NOTSET" ceil_mode:i=0 dilations:I kernel_shape:I! pads:I strides:I|T=37
PackedAttention 1|input:T weights:T bias:T token_offset:M cumulative_sequence_length:M attention_bias:T?|output:T|num_heads:i! qkv_hidden_sizes:I scale:f|T=103 M=38
PackedMultiHeadAttention 1|query:T key:T? value:T? bias:T? token_offset:M cumulative_sequence_length:M attention_bias:T?|output:T|mask_filter_value:f num_heads:i! scale:f|T=103 M=38
PackedSparseAttentionIndexer 1|query:T key:T? query_norm_weight:T key_norm_weight:T cos_cache:T sin_cache:T cumulative_sequence_lengths:M past_sequence_lengths:M gate:T? position_bias:T? head_weights:T? position_ids:I? past_key_state:T past_kv_buffer:T past_gate_buffer:T? past_state_lengths:M state_update_capture_count:M? state_update_active:M?|selected_indices:M selected_counts:M present_key_state:T present_kv_buffer:T present_gate_buffer:T? present_state_lengths:M state_update:T?|compress_ratio:i! epsilon:f=1e-06 head_weight_scale:f index_topk:i policy_mode:s! scale:f state_capacity:i! state_update_capacity:i=0 token_budget:i|T=22 I=6 M=38
Pad 1|data:T pads:=int64 value:T?|output:T|mode:s="constant"|T=0
PagedAttention 1|query:T key:T? value:T? key_cache:T_CACHE value_cache:T_CACHE? cumulative_sequence_length:S past_seqlens:S block_table:S cos_cache:T? sin_cache:T? slot_mapping:S? head_sink:T? q_norm_weight:T? k_norm_weight:T? k_scale:T_KV_SCALE? v_scale:T_KV_SCALE? attention_metadata:S?|output:T key_cache_out:T_CACHE? value_cache_out:T_CACHE?|do_rotary:i is_causal:i=1 k_cache_dtype:s="" k_quant_type:s="NONE" kv_cache_layout:s="SEPARATE" kv_num_heads:i! local_window_size:i=-1 num_heads:i! qk_norm_epsilon:f rotary_interleaved:i rotary_offset:i scale:f softcap:f v_cache_dtype:s="" v_head_size:i v_quant_type:s="NONE"|T=112 T_CACHE=118 T_KV_SCALE=23 S=38
QAttention 1|input:T1 weight:T2 bias:T3 input_scale:T3 weight_scale:T3 mask_index:T4? input_zero_point:T1? weight_zero_point:T2? past:T3?|output:T3 present:T3?|do_rotary:i mask_filter_value:f num_heads:i! past_present_share_buffer:i scale:f unidirectional:i=0|T1=37 T2=37 T3=103 T4=38
QEmbedLayerNormalization 1|input_ids:T1 segment_ids:T1? word_embedding_quant:T2 position_embedding_quant:T2 segment_embedding:T2? gamma_quant:T2 beta_quant:T2 mask:T1? word_embedding_scale:T position_embedding_scale:T segment_embedding_scale:T? gamma_scale:T beta_scale:T word_embedding_zero_point:T2 position_embedding_zero_point:T2 segment_embedding_zero_point:T2? gamma_zero_point:T2 beta_zero_point:T2|layernorm_out:T mask_index_out:T1|epsilon:f=1e-12|T1=38 T2=37 T=23
QGemm 1|A:TA a_scale:T a_zero_point:TA B:TB b_scale:T b_zero_point:TB C:TC? y_scale:T? y_zero_point:TYZ?|Y:TY|alpha:f=1.0 transA:i=0 transB:i=0|T=23 TA=37 TB=37 TC=38 TYZ=37 TY=119
QLinearAdd 1|A:T A_scale:=float32 A_zero_point:T? B:T B_scale:=float32 B_zero_point:T? C_scale:=float32 C_zero_point:T?|C:T||T=37
QLinearAveragePool 1|X:T x_scale:=float32 x_zero_point:T? y_scale:=float32 y_zero_point:T?|Y:T|auto_pad:s="NOTSET" ceil_mode:i=0 channels_last:i=0 count_include_pad:i=0 kernel_shape:I! pads:I strides:I|T=37
QLinearConcat 1|Y_scale:TF Y_zero_point:T8 inputs:TV*1~|Y:T8|axis:i!|T8=37 TF=23 TV=119
QLinearConv 1|x:T1 x_scale:=float32 x_zero_point:T1 w:T2 w_scale:=float32 w_zero_point:T2 y_scale:=float32 y_zero_point:T3 B:T4?|y:T3|auto_pad:s="NOTSET" channels_last:i=0 dilations:I group:i=1 kernel_shape:I pads:I strides:I|T1=37 T2=37 T3=37 T4=38
QLinearGlobalAveragePool 1|X:T x_scale:=float32 x_zero_point:T y_scale:=float32 y_zero_point:T|Y:T|channels_last:i=0|T=37
QLinearLeakyRelu 1|X:T X_scale:=float32 X_zero_point:T? Y_scale:=float32 Y_zero_point:T?|Y:T|alpha:f=0.01|T=37
QLinearMul 1|A:T A_scale:=float32 A_zero_point:T? B:T B_scale:=float32 B_zero_point:T? C_scale:=float32 C_zero_point:T?|C:T||T=37
QLinearReduceMean 1|data:T data_scale:=float32 data_zero_point:T? reduced_scale:=float32 reduced_zero_point:T?|reduced:T|axes:I! keepdims:i!|T=37
QLinearSigmoid 1|X:T X_scale:=float32 X_zero_point:T? Y_scale:=float32 Y_zero_point:T?|Y:T||T=37
QLinearSoftmax 1|X:T X_scale:=float32 x_zero_point:T? y_scale:=float32 y_zero_point:T|Y:T|axis:i=-1 opset:i!|T=37
QLinearWhere 1|condition:B X:T x_scale:TF x_zero_point:T Y:T y_scale:TF y_zero_point:T z_scale:TF z_zero_point:T|Z:T||B=7 TF=23 T=37
QMoE 1|input:T router_probs:T fc1_experts_weights:T1 fc1_scales:T2? fc1_experts_bias:T? fc2_experts_weights:T1 fc2_scales:T2? fc2_experts_bias:T? fc3_experts_weights:T1? fc3_scales:T2? fc3_experts_bias:T? fc1_zero_points:T1? fc2_zero_points:T1? fc3_zero_points:T1? router_weights:T? fc1_global_scale:T4? fc2_global_scale:T4? fc1_act_scale:T4? fc2_act_scale:T4? fc1_act_block_scale:T2? fc2_act_block_scale:T2?|output:T|accuracy_level:i=0 activation_alpha:f=1.0 activation_beta:f=0.0 activation_type:s="relu" block_size:i expert_weight_bits:i=4 fc1_expert_weight_bits:i fc2_expert_weight_bits:i fc3_expert_weight_bits:i k:i=1 normalize_routing_weights:i=0 quant_type:s="int" swiglu_fusion:i=0 swiglu_limit:f use_sparse_mixer:i=0 weights_prepacked:i=-1|T=22 T1=120 T2=121 T4=23
QOrderedAttention 1|input:Q scale_input:S scale_Q_gemm:S scale_K_gemm:S scale_V_gemm:S Q_weight:Q K_weight:Q V_weight:Q scale_Q_weight:S scale_K_weight:S scale_V_weight:S Q_bias:S K_bias:S V_bias:S scale_QKT_gemm:S? scale_QKT_softmax:S? scale_values_gemm:S mask_index:G? past:Q? attention_bias:S?|output:Q|num_heads:i! order_input:i! order_output:i! order_weight:i! qkv_hidden_sizes:I unidirectional:i=0|Q=107 S=23 G=38
QOrderedGelu 1|X:Q scale_X:S scale_Y:S|Y:Q|order_X:i order_Y:i|Q=107 S=23
QOrderedLayerNormalization 1|X:Q scale_X:S scale:F B:F? scale_Y:S|Y:Q|axis:i=-1 epsilon:f=1e-05 order_X:i=1 order_Y:i=1|F=103 S=23 Q=107
QOrderedLongformerAttention 1|input:Q scale_input:S weight:Q scale_weight:S bias:S scale_bias:S scale_qkv_gemm:S mask:F global_weight:Q scale_global_weight:S global_bias:S scale_global_gemm:S global:G scale_output:S|output:Q|num_heads:i! order_global_weight:i! order_input:i! order_output:i! order_weight:i! window:i!|Q=107 S=23 G=38 F=110
QOrderedMatMul 1|A:Q scale_A:S B:Q scale_B:S scale_Y:S bias:S? C:Q? scale_C:S?|Y:Q|order_A:i! order_B:i! order_Y:i!|Q=107 S=23
QuantizeBFP 1|x:T1|y:T2 shape:T3 strides:T3|bfp_type:i! block_dim:i=-1|T1=22 T2=48 T3=6
QuantizeLinear 1|x:T1 y_scale:T1 y_zero_point:T2?|y:T2|axis:i|T1=103 T2=122
QuantizeWithOrder 1|input:F scale_input:S|output:Q|order_input:i! order_output:i!|Q=107 F=103 S=23
QuickGelu 1|X:T|Y:T|alpha:f=1.702|T=3
Range 1|start:T limit:T delta:T?|Y:T||T=85
ReduceSumInteger 1|data:T1|reduced:T2|axes:I! keepdims:i!|T1=37 T2=115
RelativePositionBias 1|bias_table:T query_length:U key_length:U|output:T|is_bidirectional:i=0 max_distance:i!|T=103 U=6
RemovePadding 1|input:T sequence_token_count:M|output:T token_offset:M cumulated_seq_len:M max_seq_len:M||T=103 M=38
RestorePadding 1|input:T token_offset:M|output:T||T=103 M=38
Rfft 1|X:T|Y:T|normalized:i=0 onesided:i=1 signal_ndim:i=1|T=0
RotaryEmbedding 1|input:T position_ids:M cos_cache:T sin_cache:T|output:T|interleaved:i is_packed_batching:i num_heads:i rotary_embedding_dim:i scale:f|T=22 M=6
Sampling 1|input_ids:I max_length:I min_length:I? repetition_penalty:T? vocab_mask:I? prefix_vocab_mask:I? attention_mask:I? presence_mask:I? seed:I?|sequences:I filtered_logits:T?|custom:i=0 decoder:g! decoder_start_token_id:i=-1 encoder:g eos_token_id:i! filter_value:f=-1e+20 init_decoder:g min_tokens_to_keep:i=0 model_type:i=0 no_repeat_ngram_size:i=0 pad_token_id:i! presence_penalty:f=0.0 temperature:f=1.0 top_p:f=0.0 vocab_size:i=-1|T=23 I=38
ScaledSiLU 1|X:T scale:M?|Y:T|alpha:f=1.0|T=22 M=22
SkipGroupNorm 1|X:T gamma:M beta:M skip:T bias:T?|Y:T S:T?|activation:i! channels_last:i=1 epsilon:f=1e-05 groups:i!|T=103 M=103
SkipLayerNormalization 1|input:T skip:T gamma:T beta:T? bias:T?|output:T mean:U? inv_std_var:U? input_skip_bias_sum:T?|epsilon:f=1e-12|T=22 U=23
SkipSimplifiedLayerNormalization 1|input:T skip:T gamma:T bias:T?|output:T mean:U? inv_std_var:U? input_skip_bias_sum:T?|epsilon:f=1e-12|T=22 U=23
Snpe 1|inputs:T*1|outputs:T*1|DLC:s! notes:s snpe_version:s target_device:s|T=123
SparseAttention 1|query:T key:T? value:T? past_key:T past_value:T block_row_indices:M block_col_indices:M total_sequence_length:M key_total_sequence_lengths:M cos_cache:T? sin_cache:T?|output:T present_key:T present_value:T|do_rotary:i kv_num_heads:i! num_heads:i! rotary_interleaved:i scale:f sparse_block_size:i!|T=22 M=38
SparseAttentionIndexer 1|query:T key:T? query_norm_weight:T key_norm_weight:T cos_cache:T sin_cache:T mask:TB? past_key:T gate:T? position_bias:T? head_weights:T? position_ids:I? past_sequence_length:M? past_proj_buffer:T?|selected_indices:M present_key:T present_proj_buffer:T?|compress_ratio:i! epsilon:f=1e-06 head_weight_scale:f index_topk:i policy_mode:s! scale:f token_budget:i|T=22 TB=6 I=6 M=38
SparsePagedAttention 1|query:T key:T? value:T? key_cache:T_CACHE value_cache:T_CACHE cumulative_sequence_length:S past_seqlens:S block_table:S slot_mapping:S? selected_indices:S selected_counts:S auxiliary_key:T? auxiliary_value:T? auxiliary_lengths:S? cos_cache:T? sin_cache:T? head_sink:T? q_norm_weight:T? k_norm_weight:T? k_scale:T_KV_SCALE? v_scale:T_KV_SCALE? attention_metadata:S?|output:T key_cache_out:T_CACHE? value_cache_out:T_CACHE?|attention_mode:s="selected_only" auxiliary_cache_layout:s="contiguous" auxiliary_kv_shared:i=0 do_rotary:i=0 is_causal:i=1 k_quant_type:s="NONE" kv_num_heads:i! local_window_size:i=-1 num_heads:i! qk_norm_epsilon:f=1e-06 rotary_interleaved:i=0 rotary_offset:i=0 scale:f selected_kv_source:s="main" softcap:f v_quant_type:s="NONE"|T=112 T_CACHE=124 T_KV_SCALE=23 S=38
SparseToDenseMatMul 1|A:T B:T1|Y:T1|alpha:f=1.0 transA:i=0 transB:i=0|T=125 T1=39
Tokenizer 1|X:T|Y:T|mark:i! mincharnum:i! pad_value:s! separators:S tokenexp:s|T=90
TorchEmbedding 1|weight:T indices:=int64 padding_idx:=int64? scale_grad_by_freq:=bool?|Y:T||T=2
TransposeMatMul 1|A:T B:T|Y:T|alpha:f=1.0 transA:i=0 transB:i=0|T=3
Trilu 1|X:T k:=int64?|Y:T|upper:i=1|T=8
UnfoldTensor 1|input:T|output:T|dim:i=-1 size:i! step:i=1|T=24
Unique 1|x:T|y:T idx:=int64 counts:=int64||T=25
VarlenCausalConvWithState 1|input:T weight:T cumulative_sequence_length:M bias:T? initial_state:T capture_count:M?|output:T final_state:T state_update:T?|activation:s="none" dilation:i=1 state_update_capacity:i=0|T=22 M=38
VarlenNGramHashMapping 1|input_ids:M multipliers:M vocab_sizes:M cumulative_sequence_length:S past_ids:M? head_offsets:M? eos_token_id:M? segment_ids:=int32? past_segment_ids:S? capture_count:S?|hash_ids:M present_ids:M? present_segment_ids:S? state_update:M?|max_ngram_size:i! n_head_per_ngram:i! pad_id:i! reset_on_eos:i=0 state_update_capacity:i=0|M=12 S=38
WhisperBeamSearch 1|input_ids:F max_length:I min_length:I? num_beams:I num_return_sequences:I length_penalty:T? repetition_penalty:T? vocab_mask:M? prefix_vocab_mask:M? attention_mask:I? decoder_input_ids:I? logits_processor:I? cross_qk_layer_head:I? extra_decoding_ids:I? temperature:T?|sequences:I sequences_scores:T? scores:T? cross_qk:V? non_speech_probs:T?|beginning_timestamp_token_id:i decoder:g! decoder_output_cross_qk:i decoder_start_token_id:i=-1 early_stopping:i=0 encoder:g eos_token_id:i! init_decoder:g model_type:i=2 no_repeat_ngram_size:i=0 no_speech_token_id:i no_timestamps_token_id:i pad_token_id:i! start_of_lm_token_id:i transcribe_token_id:i translate_token_id:i vocab_size:i=-1|T=103 F=104 I=38 M=38 V=23
WordConvEmbedding 1|Sequence:T W:T1 B:T1 C:T1|Y:T1|char_embedding_size:i conv_window_size:i embedding_size:i|T=38 T1=23`,
};
