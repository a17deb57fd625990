"""Records deliberately broken models with what onnx.checker says of them: checker.json.

Run: pip install onnx==1.23.2 && python checker.py

Every model is refused by onnx.checker.check_model(full_check=True); this script fails otherwise. `message` is the last
line of what it says.
"""

import base64
import json
import os

import numpy as np
import onnx
from onnx import TensorProto, checker, helper, numpy_helper

F = TensorProto.FLOAT
I64 = TensorProto.INT64


def value(name, dims=(2, 3), type=F):
    return helper.make_tensor_value_info(name, type, dims)


def model(nodes, inputs=None, outputs=None, initializers=(), opset=17, ir=8, **extra):
    graph = helper.make_graph(
        nodes,
        "g",
        [value("x")] if inputs is None else inputs,
        [value("y")] if outputs is None else outputs,
        list(initializers),
    )
    opsets = extra.pop("opsets", [helper.make_opsetid("", opset)])
    made = helper.make_model(graph, opset_imports=opsets, **extra)
    made.ir_version = ir
    return made


def node(op, inputs, outputs, name="the_node", **attributes):
    return helper.make_node(op, inputs, outputs, name=name, **attributes)


def constant(name, array):
    return numpy_helper.from_array(np.array(array), name)


CASES = {}


def case(function):
    CASES[function.__name__] = function()
    return function


def edited(made, change):
    change(made)
    return made


relu = lambda: model([node("Relu", ["x"], ["y"])])  # noqa: E731


@case
def ir_version_missing():
    return edited(relu(), lambda m: m.ClearField("ir_version"))


@case
def ir_version_too_new():
    return edited(relu(), lambda m: setattr(m, "ir_version", 99))


@case
def no_opset_import():
    return edited(relu(), lambda m: m.ClearField("opset_import"))


@case
def opset_import_before_ir_3():
    return edited(relu(), lambda m: setattr(m, "ir_version", 2))


@case
def other_domain_not_imported():
    return model([node("Thing", ["x"], ["y"], domain="org.example")])


@case
def graph_without_name():
    return edited(relu(), lambda m: m.graph.ClearField("name"))


@case
def input_without_name():
    return edited(relu(), lambda m: m.graph.input.append(onnx.ValueInfoProto(type=m.graph.input[0].type)))


@case
def input_without_type():
    return edited(relu(), lambda m: m.graph.input[0].ClearField("type"))


@case
def input_without_shape():
    return edited(relu(), lambda m: m.graph.input[0].type.tensor_type.ClearField("shape"))


@case
def output_without_element_type():
    return edited(relu(), lambda m: m.graph.output[0].type.tensor_type.ClearField("elem_type"))


@case
def two_inputs_of_one_name():
    return model([node("Relu", ["x"], ["y"])], [value("x"), value("x")])


@case
def value_made_twice():
    return model([node("Relu", ["x"], ["y"]), node("Abs", ["x"], ["y"], name="second")])


@case
def node_makes_one_value_twice():
    return model([node("Split", ["x"], ["y", "y"], axis=0)])


@case
def node_overwrites_input():
    return model([node("Relu", ["x"], ["x"]), node("Abs", ["x"], ["y"], name="second")])


@case
def node_overwrites_initializer():
    return model([node("Relu", ["x"], ["w"]), node("Abs", ["w"], ["y"])], initializers=[constant("w", [1.0])])


@case
def value_used_before_made():
    return model([node("Abs", ["z"], ["y"]), node("Relu", ["x"], ["z"], name="later")])


@case
def value_never_made():
    return model([node("Add", ["x", "nowhere"], ["y"])])


@case
def cycle():
    return model([node("Add", ["x", "b"], ["a"]), node("Abs", ["a"], ["b"], name="back"), node("Abs", ["b"], ["y"], name="out")])


@case
def output_not_made():
    return model([node("Relu", ["x"], ["z"])])


@case
def operator_without_type():
    return edited(relu(), lambda m: m.graph.node[0].ClearField("op_type"))


@case
def unknown_operator():
    return model([node("Reluu", ["x"], ["y"])])


@case
def unknown_operator_of_ml():
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)]
    return model([node("Nothing", ["x"], ["y"], domain="ai.onnx.ml")], opsets=opsets)


@case
def operator_of_later_opset():
    return model([node("Gelu", ["x"], ["y"])], opset=17)


@case
def operator_of_earlier_domain_version():
    return model([node("GreaterOrEqual", ["x", "x"], ["y"])], outputs=[value("y", type=TensorProto.BOOL)], opset=11)


@case
def deprecated_upsample():
    scales = constant("s", np.array([1, 1], np.float32))
    return model([node("Upsample", ["x", "s"], ["y"])], initializers=[scales], opset=13)


@case
def deprecated_scatter():
    return model([node("Scatter", ["x", "i", "x"], ["y"])], [value("x"), value("i", type=I64)], opset=13)


@case
def too_few_inputs():
    return model([node("Conv", ["x"], ["y"])])


@case
def too_many_inputs():
    return model([node("Relu", ["x", "x"], ["y"])])


@case
def no_input_and_no_output():
    return model([node("Relu", ["x"], ["y"]), node("Abs", [], [], name="empty")])


@case
def required_input_left_out():
    return model([node("Add", ["", "x"], ["y"])])


@case
def too_many_outputs():
    return model([node("Relu", ["x"], ["y", "z"])])


@case
def too_few_outputs():
    return model([node("Relu", ["x"], ["y"]), node("TopK", ["x", "k"], ["values"], name="top")], initializers=[constant("k", np.array([1]))])


@case
def variadic_without_inputs():
    return model([node("Concat", [], ["y"], axis=0)])


@case
def required_attribute_missing():
    return model([node("Concat", ["x", "x"], ["y"])], outputs=[value("y", (4, 3))])


@case
def required_kernel_shape_missing():
    return model([node("MaxPool", ["x"], ["y"])], [value("x", (1, 1, 4, 4))], [value("y", (1, 1, 3, 3))])


@case
def unknown_attribute():
    return model([node("Relu", ["x"], ["y"], alpha=0.1)])


@case
def attribute_of_earlier_version():
    return model([node("Squeeze", ["x"], ["y"], axes=[0])], [value("x", (1, 3))], [value("y", (3,))])


@case
def attribute_of_later_version():
    return model([node("Reshape", ["x", "s"], ["y"], allowzero=1)], initializers=[constant("s", np.array([2, 3]))], opset=13)


@case
def attribute_of_wrong_kind():
    return model([node("Flatten", ["x"], ["y"], axis=1.0)])


@case
def ints_instead_of_int():
    return model([node("Softmax", ["x"], ["y"], axis=[1])])


@case
def int_instead_of_float():
    return model([node("LeakyRelu", ["x"], ["y"], alpha=1)])


@case
def string_instead_of_ints():
    return model([node("Transpose", ["x"], ["y"], perm="10")], outputs=[value("y", (3, 2))])


@case
def attribute_without_name():
    def change(m):
        m.graph.node[0].attribute.append(onnx.AttributeProto(type=onnx.AttributeProto.INT, i=1))

    return edited(relu(), change)


@case
def attribute_twice():
    def change(m):
        attribute = helper.make_attribute("axis", 1)
        m.graph.node[0].attribute.extend([attribute, attribute])

    return edited(model([node("Softmax", ["x"], ["y"])]), change)


@case
def initializer_without_name():
    return model([node("Relu", ["x"], ["y"])], initializers=[constant("", [1.0])])


@case
def initializer_twice():
    return model([node("Add", ["x", "w"], ["y"])], initializers=[constant("w", np.float32([1])), constant("w", np.float32([2]))])


@case
def initializer_without_element_type():
    tensor = constant("w", np.float32([1]))
    tensor.ClearField("data_type")
    return model([node("Add", ["x", "w"], ["y"])], initializers=[tensor])


@case
def initializer_with_too_little_data():
    tensor = helper.make_tensor("w", F, [2, 3], np.zeros(6, np.float32).tobytes(), raw=True)
    tensor.raw_data = tensor.raw_data[:20]
    return model([node("Add", ["x", "w"], ["y"])], initializers=[tensor])


@case
def initializer_in_the_wrong_field():
    tensor = TensorProto(name="w", data_type=F, dims=[1], int64_data=[1])
    return model([node("Add", ["x", "w"], ["y"])], initializers=[tensor])


@case
def initializer_of_strings_in_raw_data():
    tensor = TensorProto(name="w", data_type=TensorProto.STRING, dims=[1], raw_data=b"a")
    return model([node("Relu", ["x"], ["y"])], initializers=[tensor])


@case
def initializer_with_negative_size():
    tensor = TensorProto(name="w", data_type=F, dims=[-1], raw_data=b"abcd")
    return model([node("Add", ["x", "w"], ["y"])], initializers=[tensor])


@case
def initializer_no_input_before_ir_4():
    return model([node("Add", ["x", "w"], ["y"])], initializers=[constant("w", np.float32([1]))], ir=3)


@case
def external_data_outside_the_folder():
    tensor = TensorProto(name="w", data_type=F, dims=[1], data_location=TensorProto.EXTERNAL)
    tensor.external_data.add(key="location", value="../secret.bin")
    return model([node("Add", ["x", "w"], ["y"])], initializers=[tensor])


@case
def external_data_at_absolute_path():
    tensor = TensorProto(name="w", data_type=F, dims=[1], data_location=TensorProto.EXTERNAL)
    tensor.external_data.add(key="location", value="/etc/passwd")
    return model([node("Add", ["x", "w"], ["y"])], initializers=[tensor])


@case
def external_data_without_location():
    tensor = TensorProto(name="w", data_type=F, dims=[1], data_location=TensorProto.EXTERNAL)
    return model([node("Add", ["x", "w"], ["y"])], initializers=[tensor])


def sparse(values, indices, dims, indices_type=np.int64):
    made = helper.make_sparse_tensor(
        constant("w", np.float32(values)), constant("i", np.array(indices, indices_type)), dims
    )
    result = model([node("Add", ["x", "w"], ["y"])])
    result.graph.sparse_initializer.append(made)
    return result


@case
def sparse_index_out_of_range():
    return sparse([1, 2], [0, 9], [3])


@case
def sparse_indices_not_ascending():
    return sparse([1, 2], [2, 0], [3])


@case
def sparse_indices_of_other_length():
    return sparse([1, 2], [0], [3])


@case
def sparse_indices_of_int32():
    return sparse([1], [0], [3], np.int32)


@case
def sparse_without_rank():
    return sparse([1], [0], [])


@case
def sparse_coordinates_out_of_range():
    return sparse([1], [[0, 7]], [2, 3])


def branches(then, otherwise=None, outputs=("y",)):
    def graph(name, nodes):
        return helper.make_graph(nodes, name, [], [value(output) for output in [f"{name}_y"]])

    otherwise = otherwise or [node("Abs", ["x"], ["else_y"])]
    return model(
        [node("If", ["c"], list(outputs), then_branch=graph("then", then), else_branch=graph("else", otherwise))],
        [value("x"), value("c", (), TensorProto.BOOL)],
    )


@case
def branch_reads_what_nothing_makes():
    return branches([node("Add", ["x", "nowhere"], ["then_y"])])


@case
def branch_with_unknown_operator():
    return branches([node("Nope", ["x"], ["then_y"])])


@case
def branch_hides_outer_value():
    return branches([node("Relu", ["x"], ["c"]), node("Abs", ["c"], ["then_y"], name="second")])


@case
def branch_does_not_make_its_output():
    return branches([node("Relu", ["x"], ["z"])])


@case
def branch_reads_what_comes_later():
    made = branches([node("Add", ["x", "late"], ["then_y"])])
    made.graph.node.append(node("Relu", ["x"], ["late"], name="late_node"))
    return made


@case
def branch_with_attribute_of_wrong_kind():
    return branches([node("Softmax", ["x"], ["then_y"], axis=0.5)])


def function(name="F", nodes=None, inputs=("a",), outputs=("b",), attributes=(), opset=17, domain="org.example"):
    return helper.make_function(
        domain,
        name,
        list(inputs),
        list(outputs),
        nodes if nodes is not None else [helper.make_node("Relu", ["a"], ["b"])],
        [helper.make_opsetid("", opset), helper.make_opsetid("org.example", 1)],
        list(attributes),
    )


def calling(*functions):
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("org.example", 1)]
    return model([node("F", ["x"], ["y"], domain="org.example")], opsets=opsets, functions=list(functions))


@case
def function_twice():
    return calling(function(), function())


@case
def function_calls_itself():
    return calling(function(nodes=[helper.make_node("F", ["a"], ["b"], domain="org.example")]))


@case
def functions_call_each_other():
    return calling(
        function(nodes=[helper.make_node("G", ["a"], ["b"], domain="org.example")]),
        function("G", nodes=[helper.make_node("F", ["a"], ["b"], domain="org.example")]),
    )


@case
def function_reads_what_nothing_makes():
    return calling(function(nodes=[helper.make_node("Add", ["a", "nowhere"], ["b"])]))


@case
def function_makes_a_value_twice():
    return calling(function(nodes=[helper.make_node("Relu", ["a"], ["b"]), helper.make_node("Abs", ["a"], ["b"])]))


@case
def function_with_two_outputs_of_one_name():
    return calling(function(outputs=("b", "b")))


@case
def function_with_two_attributes_of_one_name():
    return calling(function(attributes=("alpha", "alpha")))


@case
def function_with_two_inputs_of_one_name():
    return calling(function(inputs=("a", "a")))


@case
def function_of_incompatible_opset():
    return calling(function(nodes=[helper.make_node("Softmax", ["a"], ["b"])], opset=11))


@case
def function_with_unknown_operator():
    return calling(function(nodes=[helper.make_node("Nope", ["a"], ["b"])]))


@case
def function_without_name():
    return edited(calling(function()), lambda m: m.functions[0].ClearField("name"))


@case
def type_not_allowed():
    return model([node("Relu", ["x"], ["y"])], [value("x", type=TensorProto.STRING)], [value("y", type=TensorProto.STRING)])


@case
def types_that_must_be_equal():
    return model([node("Add", ["x", "i"], ["y"])], [value("x"), value("i", type=I64)])


@case
def index_of_wrong_type():
    return model([node("Gather", ["x", "i"], ["y"])], [value("x"), value("i", (2,))])


@case
def output_declared_of_other_type():
    return model([node("Relu", ["x"], ["y"])], outputs=[value("y", type=I64)])


@case
def output_declared_of_other_shape():
    return model([node("Relu", ["x"], ["y"])], outputs=[value("y", (2, 4))])


@case
def output_declared_of_other_rank():
    return model([node("Relu", ["x"], ["y"])], outputs=[value("y", (6,))])


@case
def shapes_do_not_broadcast():
    return model([node("Add", ["x", "z"], ["y"])], [value("x"), value("z", (2, 4))])


@case
def matrices_do_not_fit():
    return model([node("MatMul", ["x", "z"], ["y"])], [value("x"), value("z", (2, 3))], [value("y", (2, 3))])


@case
def axis_out_of_range():
    return model([node("Softmax", ["x"], ["y"], axis=5)])


@case
def concat_of_other_ranks():
    return model([node("Concat", ["x", "z"], ["y"], axis=0)], [value("x"), value("z", (2,))], [value("y", (4, 3))])


@case
def cast_to_undefined():
    return model([node("Cast", ["x"], ["y"], to=0)])


if __name__ == "__main__":
    rows = []
    for name, made in CASES.items():
        try:
            checker.check_model(made.SerializeToString(), full_check=True)
        except Exception as error:
            message = [line for line in str(error).splitlines() if line.strip()]
            rows.append(
                {
                    "name": name,
                    "message": " ".join(message)[:160],
                    "model": base64.b64encode(made.SerializeToString()).decode(),
                }
            )
        else:
            raise SystemExit(f"{name} is not refused")
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "checker.json")
    with open(path, "w") as file:
        json.dump({"tool": f"onnx {onnx.__version__}", "cases": rows}, file, indent=0)
        file.write("\n")
