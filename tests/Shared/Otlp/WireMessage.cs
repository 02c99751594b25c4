using System.Buffers.Binary;
using System.Text;

namespace Prometheus.Grid.Tests.Otlp;

/// <summary>A protobuf message as it is on the wire: numbered fields, each a number or bytes. As much of the format as OTLP needs, without a compiler of schemas.</summary>
internal readonly struct WireMessage(ReadOnlyMemory<byte> bytes)
{
    private const int Varint = 0, Fixed64 = 1, Delimited = 2, Fixed32 = 5;

    /// <summary>The messages in a field.</summary>
    public IEnumerable<WireMessage> All(int field) => Fields().Where(one => one.Number == field).Select(one => new WireMessage(one.Bytes));

    /// <summary>The message in a field; an empty one where it is left out.</summary>
    public WireMessage One(int field) => All(field).FirstOrDefault();

    /// <summary>Whether a field is there.</summary>
    public bool Has(int field) => Fields().Any(one => one.Number == field);

    /// <summary>The text in a field; empty where it is left out.</summary>
    public string Text(int field) => Encoding.UTF8.GetString(One(field).Bytes.Span);

    /// <summary>The bytes in a field as hexadecimal digits.</summary>
    public string Hex(int field) => Convert.ToHexStringLower(One(field).Bytes.Span);

    /// <summary>The number in a field; 0 where it is left out.</summary>
    public ulong Number(int field) => Fields().Where(one => one.Number == field).Select(one => one.Value).FirstOrDefault();

    private ReadOnlyMemory<byte> Bytes { get; } = bytes;

    private IEnumerable<(int Number, ulong Value, ReadOnlyMemory<byte> Bytes)> Fields()
    {
        var rest = Bytes;
        while (!rest.IsEmpty)
        {
            ulong tag = ReadVarint(ref rest);
            int number = (int)(tag >> 3);
            switch ((int)(tag & 7))
            {
                case Varint:
                    yield return (number, ReadVarint(ref rest), default);
                    break;
                case Fixed64:
                    yield return (number, BinaryPrimitives.ReadUInt64LittleEndian(rest.Span), default);
                    rest = rest[sizeof(ulong)..];
                    break;
                case Delimited:
                    int length = (int)ReadVarint(ref rest);
                    yield return (number, 0, rest[..length]);
                    rest = rest[length..];
                    break;
                case Fixed32:
                    yield return (number, BinaryPrimitives.ReadUInt32LittleEndian(rest.Span), default);
                    rest = rest[sizeof(uint)..];
                    break;
                default:
                    throw new InvalidDataException($"wire type {tag & 7} is none of protobuf's");
            }
        }
    }

    private static ulong ReadVarint(ref ReadOnlyMemory<byte> rest)
    {
        ulong value = 0;
        for (int at = 0; ; at++)
        {
            byte part = rest.Span[at];
            value |= (ulong)(part & 0x7F) << (7 * at);
            if (part < 0x80)
            {
                rest = rest[(at + 1)..];
                return value;
            }
        }
    }
}
