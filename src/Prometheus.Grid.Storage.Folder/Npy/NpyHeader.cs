using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Storage.Folder.Npy;

/// <summary>
/// The header of a NumPy array file (format description: numpy.lib.format). Written as version 1.0 in 128 bytes, just as
/// <c>numpy.save</c> writes a matrix; read strictly in versions 1.0 to 3.0.
/// </summary>
/// <param name="Rows">Number of rows; 1 for a one-dimensional array.</param>
/// <param name="Columns">Length of a row.</param>
/// <param name="ItemSize">4 for float32, 8 for float64; both little-endian.</param>
/// <param name="Length">Bytes of the header, where the values begin.</param>
internal readonly record struct NpyHeader(int Rows, int Columns, int ItemSize, int Length)
{
    /// <summary>Bytes of a header that <see cref="Write"/> writes, whatever the shape: it can be filled in at the end.</summary>
    public const int WrittenLength = 128;

    /// <summary>The longest header that is read; NumPy itself refuses longer ones for untrusted files (10,000 characters).</summary>
    public const int LongestLength = 12 + 10_000;

    private const int PrefixLength = 10;
    private const string Allowed = "a NumPy .npy file of a one- or two-dimensional little-endian float32 or float64 array in C order";

    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>Bytes of the whole file.</summary>
    public long FileLength => Length + (long)Rows * Columns * ItemSize;

    /// <summary>Writes the header of a float32 matrix in C order.</summary>
    public static void Write(Span<byte> destination, int rows, int columns)
    {
        var header = destination[..WrittenLength];
        header.Fill((byte)' ');
        Magic.CopyTo(header);
        header[6] = 1;
        header[7] = 0;
        BinaryPrimitives.WriteUInt16LittleEndian(header[8..], WrittenLength - PrefixLength);
        string text = string.Create(CultureInfo.InvariantCulture, $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {columns}), }}");
        Encoding.ASCII.GetBytes(text, header[PrefixLength..]);
        header[^1] = (byte)'\n';
    }

    /// <summary>Reads the header at the start of a file.</summary>
    /// <param name="start">The first bytes of the file: all of it, or at least <see cref="LongestLength"/>.</param>
    /// <param name="name">The file, for the error.</param>
    /// <exception cref="BadInputException">The bytes are no such header.</exception>
    public static NpyHeader Read(ReadOnlySpan<byte> start, string name)
    {
        if (start.Length < PrefixLength || !start.StartsWith(Magic))
            throw new BadInputException(name, "no NumPy file", Allowed);
        int major = start[6];
        if (major is < 1 or > 3)
            throw new BadInputException($"{name} format version", major, "1, 2 or 3");
        int prefix = major == 1 ? PrefixLength : PrefixLength + 2;
        if (start.Length < prefix)
            throw new BadInputException(name, "cut off in its header", Allowed);
        uint length = major == 1 ? BinaryPrimitives.ReadUInt16LittleEndian(start[8..]) : BinaryPrimitives.ReadUInt32LittleEndian(start[8..]);
        if (length > LongestLength - prefix)
            throw new BadInputException($"{name} header length", length, $"at most {LongestLength - prefix}");
        if (start.Length < prefix + (int)length)
            throw new BadInputException(name, "cut off in its header", Allowed);
        return new Parser(Encoding.Latin1.GetString(start.Slice(prefix, (int)length)), name).Header(prefix + (int)length);
    }

    /// <summary>Reads the one Python dictionary that a header is, and no other Python.</summary>
    private ref struct Parser(string text, string name)
    {
        private int _at;

        public NpyHeader Header(int length)
        {
            string? type = null;
            bool? isFortran = null;
            List<long>? shape = null;
            Expect('{');
            while (!Accept('}'))
            {
                string key = Quoted();
                Expect(':');
                switch (key)
                {
                    case "descr" when type is null:
                        type = Quoted();
                        break;
                    case "fortran_order" when isFortran is null:
                        isFortran = Word() switch { "True" => true, "False" => false, _ => throw Broken() };
                        break;
                    case "shape" when shape is null:
                        shape = Shape();
                        break;
                    default:
                        throw Broken();
                }
                if (!Accept(','))
                {
                    Expect('}');
                    break;
                }
            }
            SkipBlanks();
            if (_at != text.Length || type is null || isFortran is null || shape is null)
                throw Broken();

            int itemSize = type switch { "<f4" => 4, "<f8" => 8, _ => throw new BadInputException($"{name} descr", type, "<f4 or <f8") };
            if (shape.Count is < 1 or > 2)
                throw new BadInputException($"{name} shape", $"{shape.Count}-dimensional", "one or two dimensions");
            if (isFortran.Value && shape.Count == 2)
                throw new BadInputException($"{name} fortran_order", "True", "False; numpy.ascontiguousarray makes it so");
            (long rows, long columns) = shape.Count == 1 ? (1, shape[0]) : (shape[0], shape[1]);
            if (columns is < 1 or > int.MaxValue || rows > int.MaxValue || rows * columns > Array.MaxLength)
                throw new BadInputException($"{name} shape", $"({rows}, {columns})", $"rows of at least one value, at most {Array.MaxLength} values in all");
            return new NpyHeader((int)rows, (int)columns, itemSize, length);
        }

        private List<long> Shape()
        {
            List<long> shape = [];
            Expect('(');
            while (!Accept(')'))
            {
                if (!long.TryParse(Word(), NumberStyles.None, CultureInfo.InvariantCulture, out long size) || shape.Count == 32)
                    throw Broken();
                shape.Add(size);
                if (!Accept(','))
                {
                    Expect(')');
                    break;
                }
            }
            return shape;
        }

        private string Quoted()
        {
            SkipBlanks();
            if (_at == text.Length || text[_at] is not ('\'' or '"'))
                throw Broken();
            int end = text.IndexOf(text[_at], _at + 1);
            if (end < 0)
                throw Broken();
            string value = text[(_at + 1)..end];
            _at = end + 1;
            return value;
        }

        private string Word()
        {
            SkipBlanks();
            int start = _at;
            while (_at < text.Length && char.IsAsciiLetterOrDigit(text[_at]))
                _at++;
            return text[start.._at];
        }

        private bool Accept(char expected)
        {
            SkipBlanks();
            if (_at == text.Length || text[_at] != expected)
                return false;
            _at++;
            return true;
        }

        private void Expect(char expected)
        {
            if (!Accept(expected))
                throw Broken();
        }

        private void SkipBlanks()
        {
            while (_at < text.Length && text[_at] is ' ' or '\n' or '\t')
                _at++;
        }

        private readonly BadInputException Broken() => new($"{name} header", text.Trim(), Allowed);
    }
}
