namespace Prometheus.Grid.Tests.Onnx;

/// <summary>
/// A BERT encoder with random weights as an ONNX model, node for node as PyTorch exports one, so that ONNX Runtime fuses and computes it as
/// it does the trained model. The same seed gives the same bytes.
/// </summary>
/// <param name="Vocabulary">Tokens.</param>
/// <param name="Hidden">Length of a token's vector; a multiple of <paramref name="Heads"/>.</param>
/// <param name="Layers">Encoder layers.</param>
/// <param name="Heads">Attention heads.</param>
/// <param name="Positions">The longest sequence.</param>
internal sealed record BertModel(int Vocabulary, int Hidden, int Layers, int Heads, int Positions)
{
    private const int Types = 2, WidthOfFeedForward = 4;
    private const float LayerNormEpsilon = 1e-12f;

    /// <summary>The shape of all-MiniLM-L6-v2: 22.7 million weights, 91 MB.</summary>
    public static BertModel MiniLm { get; } = new(30522, 384, 6, 12, 512);

    /// <summary>Type of the output; the weights are float32 in any case.</summary>
    public OnnxType OutputType { get; init; } = OnnxType.Single;

    /// <summary>Some exports have no token type input.</summary>
    public bool HasTokenTypes { get; init; } = true;

    /// <summary>Name of the output.</summary>
    public string OutputName { get; init; } = "last_hidden_state";

    public byte[] ToBytes(int seed)
    {
        var graph = new OnnxGraph("bert");
        var random = new Random(seed);
        string ids = graph.Input("input_ids", OnnxType.Int64, "batch", "sequence");
        string mask = graph.Input("attention_mask", OnnxType.Int64, "batch", "sequence");
        string words = Gather("embeddings.word", Vocabulary, ids);
        string sum = HasTokenTypes
            ? graph.Node("Add", [words, Gather("embeddings.type", Types, graph.Input("token_type_ids", OnnxType.Int64, "batch", "sequence"))])
            : words;
        sum = graph.Node("Add", [sum, Gather("embeddings.position", Positions, PositionIds(ids))]);
        string hidden = LayerNorm("embeddings", sum);

        // 0 for a token, a very negative number for padding, added to the scores before the softmax.
        string tokens = graph.Node("Cast", [graph.Node("Unsqueeze", [mask, graph.Constant([1, 2], 2)])], null, ("to", (int)OnnxType.Single));
        string bias = graph.Node("Mul", [graph.Node("Sub", [graph.Scalar(1), tokens]), graph.Scalar(float.MinValue)]);
        for (int layer = 0; layer < Layers; layer++)
            hidden = EncoderLayer($"layer.{layer}", hidden, bias);
        graph.Node(OutputType == OnnxType.Single ? "Identity" : "Cast", [hidden], OutputName, OutputType == OnnxType.Single ? [] : [("to", (int)OutputType)]);
        graph.Output(OutputName, OutputType, "batch", "sequence", Hidden);
        return graph.ToBytes();

        string PositionIds(string ids)
        {
            string length = graph.Node("Gather", [graph.Node("Shape", [ids]), graph.Constant([1])], null, ("axis", 0));
            string ends = graph.Node("Unsqueeze", [length, graph.Constant([0], 1)]);
            long[] all = [.. Enumerable.Range(0, Positions).Select(i => (long)i)];
            return graph.Node("Slice", [graph.Constant(all, 1, Positions), graph.Constant([0], 1), ends, graph.Constant([1], 1)]);
        }

        string Gather(string name, int rows, string indices) =>
            graph.Node("Gather", [Weights($"{name}.weight", 1f, rows, Hidden), indices], null, ("axis", 0));

        string EncoderLayer(string name, string x, string bias)
        {
            string query = Heads4($"{name}.query", x, 0, 2, 1, 3);
            string key = Heads4($"{name}.key", x, 0, 2, 3, 1);
            string value = Heads4($"{name}.value", x, 0, 2, 1, 3);
            string scores = graph.Node("Div", [graph.Node("MatMul", [query, key]), graph.Scalar(MathF.Sqrt(Hidden / Heads))]);
            string shares = graph.Node("Softmax", [graph.Node("Add", [scores, bias])], null, ("axis", -1));
            string mixed = graph.Node("Transpose", [graph.Node("MatMul", [shares, value])], null, ("perm", (int[])[0, 2, 1, 3]));
            string joined = graph.Node("Reshape", [mixed, graph.Constant([0, 0, Hidden], 3)]);
            string attended = LayerNorm($"{name}.attention", graph.Node("Add", [Linear($"{name}.attention", joined, Hidden, Hidden), x]));

            int wide = WidthOfFeedForward * Hidden;
            string up = Gelu(Linear($"{name}.up", attended, Hidden, wide));
            return LayerNorm($"{name}.output", graph.Node("Add", [Linear($"{name}.down", up, wide, Hidden), attended]));
        }

        string Heads4(string name, string x, params int[] order)
        {
            string split = graph.Node("Reshape", [Linear(name, x, Hidden, Hidden), graph.Constant([0, 0, Heads, Hidden / Heads], 4)]);
            return graph.Node("Transpose", [split], null, ("perm", order));
        }

        string Linear(string name, string x, int inputs, int outputs)
        {
            string product = graph.Node("MatMul", [x, Weights($"{name}.weight", 1f / MathF.Sqrt(inputs), inputs, outputs)]);
            return graph.Node("Add", [Weights($"{name}.bias", 0.1f, outputs), product]);
        }

        string LayerNorm(string name, string x)
        {
            string centred = graph.Node("Sub", [x, graph.Node("ReduceMean", [x], null, ("axes", (int[])[-1]))]);
            string variance = graph.Node("ReduceMean", [graph.Node("Pow", [centred, graph.Scalar(2)])], null, ("axes", (int[])[-1]));
            string deviation = graph.Node("Sqrt", [graph.Node("Add", [variance, graph.Scalar(LayerNormEpsilon)])]);
            string scaled = graph.Node("Mul", [graph.Node("Div", [centred, deviation]), Weights($"{name}.norm.weight", 1f, Hidden)]);
            return graph.Node("Add", [scaled, Weights($"{name}.norm.bias", 0.1f, Hidden)]);
        }

        string Gelu(string x)
        {
            string erf = graph.Node("Erf", [graph.Node("Div", [x, graph.Scalar(MathF.Sqrt(2))])]);
            return graph.Node("Mul", [graph.Node("Mul", [x, graph.Node("Add", [erf, graph.Scalar(1)])]), graph.Scalar(0.5f)]);
        }

        // Uniform with the given standard deviation: all that matters is that no two coordinates are alike.
        string Weights(string name, float deviation, params long[] shape)
        {
            float[] values = new float[shape.Aggregate(1L, (a, b) => a * b)];
            for (int i = 0; i < values.Length; i++)
                values[i] = deviation * MathF.Sqrt(3) * (2 * random.NextSingle() - 1);
            return graph.Constant(name, values, shape);
        }
    }
}
