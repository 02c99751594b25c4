using System.Runtime.InteropServices;

namespace Prometheus.Grid.Tests.Onnx;

/// <summary>Element types of ONNX tensors, with the numbers of the format.</summary>
internal enum OnnxType
{
    Single = 1,
    Int64 = 7,
    Half = 10,
}

/// <summary>Builds an ONNX model node by node; a value is known by its name. Field numbers are those of onnx.proto3.</summary>
internal sealed class OnnxGraph
{
    private const int IrVersion = 8, Opset = 14;

    private readonly ProtoWriter _graph = new();
    private int _values;

    public OnnxGraph(string name) => _graph.Text(2, name);

    public string Input(string name, OnnxType type, params object[] shape)
    {
        _graph.Message(11, ValueInfo(name, type, shape));
        return name;
    }

    public void Output(string name, OnnxType type, params object[] shape) => _graph.Message(12, ValueInfo(name, type, shape));

    public string Constant(string name, ReadOnlySpan<float> values, params long[] shape) =>
        Constant(name, OnnxType.Single, MemoryMarshal.AsBytes(values), shape);

    public string Constant(string name, ReadOnlySpan<Half> values, params long[] shape) =>
        Constant(name, OnnxType.Half, MemoryMarshal.AsBytes(values), shape);

    public string Constant(ReadOnlySpan<long> values, params long[] shape) =>
        Constant($"c{_values++}", OnnxType.Int64, MemoryMarshal.AsBytes(values), shape);

    /// <summary>A constant of floats whose values stand in another file.</summary>
    /// <param name="name">Name of the value.</param>
    /// <param name="location">The file, as the format has it: relative to the model.</param>
    /// <param name="count">How many floats.</param>
    public string External(string name, string location, int count)
    {
        const int IsExternal = 1;
        var tensor = new ProtoWriter().Int64(1, count).Int64(2, (long)OnnxType.Single).Text(8, name);
        foreach ((string key, string value) in (ReadOnlySpan<(string, string)>)[("location", location), ("offset", "0"), ("length", $"{sizeof(float) * count}")])
            tensor.Message(13, new ProtoWriter().Text(1, key).Text(2, value));
        _graph.Message(5, tensor.Int64(14, IsExternal));
        return name;
    }

    public string Scalar(float value) => Constant($"c{_values++}", [value]);

    /// <summary>Adds a node with one output.</summary>
    /// <param name="op">Operator.</param>
    /// <param name="inputs">Names of its inputs.</param>
    /// <param name="output">Name of its output; a new one unless said.</param>
    /// <param name="attributes">Whole numbers, or lists of them.</param>
    public string Node(string op, string[] inputs, string? output = null, params (string Name, object Value)[] attributes)
    {
        output ??= $"v{_values++}";
        var node = new ProtoWriter();
        foreach (string input in inputs)
            node.Text(1, input);
        node.Text(2, output).Text(3, $"{op}_{output}").Text(4, op);
        foreach ((string name, object value) in attributes)
            node.Message(5, Attribute(name, value));
        _graph.Message(1, node);
        return output;
    }

    public byte[] ToBytes() =>
        new ProtoWriter()
            .Int64(1, IrVersion)
            .Text(2, "Prometheus.Grid tests")
            .Message(7, _graph)
            .Message(8, new ProtoWriter().Text(1, "").Int64(2, Opset))
            .Written.ToArray();

    private string Constant(string name, OnnxType type, ReadOnlySpan<byte> raw, long[] shape)
    {
        var tensor = new ProtoWriter();
        foreach (long dimension in shape)
            tensor.Int64(1, dimension);
        _graph.Message(5, tensor.Int64(2, (long)type).Text(8, name).Bytes(9, raw));
        return name;
    }

    private static ProtoWriter ValueInfo(string name, OnnxType type, object[] shape)
    {
        var dimensions = new ProtoWriter();
        foreach (object dimension in shape)
            dimensions.Message(1, dimension is string symbol ? new ProtoWriter().Text(2, symbol) : new ProtoWriter().Int64(1, (int)dimension));
        var tensor = new ProtoWriter().Int64(1, (long)type).Message(2, dimensions);
        return new ProtoWriter().Text(1, name).Message(2, new ProtoWriter().Message(1, tensor));
    }

    private static ProtoWriter Attribute(string name, object value)
    {
        const int Int = 2, Ints = 7;
        var attribute = new ProtoWriter().Text(1, name);
        if (value is int single)
            return attribute.Int64(3, single).Int64(20, Int);
        foreach (int one in (int[])value)
            attribute.Int64(8, one);
        return attribute.Int64(20, Ints);
    }
}
