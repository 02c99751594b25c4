using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Http.Messages;

namespace Prometheus.Grid.Http.Security;

/// <summary>
/// The keys of a server, from a file with a line a key: <c>NAME ROLE SHA256</c>, with # before comments. Keys are 256 random bits, so a plain hash keeps
/// them: there is nothing to guess, and the file does not have to be secret.
/// </summary>
public sealed class ApiKeys
{
    private const int KeyBytes = 32;
    private const string Prefix = "grid_";
    private readonly (string Name, GridRole Role, byte[] Hash)[] _keys;

    private ApiKeys((string Name, GridRole Role, byte[] Hash)[] keys) => _keys = keys;

    /// <summary>Reads a file of keys.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="NotFoundException">There is no such file.</exception>
    /// <exception cref="BadInputException">A line is no key, or there is none.</exception>
    public static ApiKeys Load(string path)
    {
        if (!File.Exists(path))
            throw new NotFoundException("file of keys", path, "grid api-key --name NAME --role read|write --file FILE makes a key");
        var keys = new List<(string, GridRole, byte[])>();
        int line = 0;
        foreach (string text in File.ReadLines(path))
        {
            line++;
            string[] words = text.Split('#', 2)[0].Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            if (words.Length > 0)
                keys.Add(Parse(words, $"{path} line {line}"));
        }
        return keys.Count > 0 ? new ApiKeys([.. keys]) : throw new BadInputException(path, "no key", "a line a key, as grid api-key writes it");
    }

    /// <summary>Makes a key.</summary>
    /// <param name="name">Whom it is for; letters, digits, dots, hyphens and underscores.</param>
    /// <param name="role">What it may do.</param>
    /// <returns>The key, which is nowhere kept, and the line for the file.</returns>
    /// <exception cref="BadInputException">The name cannot stand in the file.</exception>
    public static (string Key, string Line) Create(string name, GridRole role)
    {
        CheckName("Name", name);
        string key = Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(KeyBytes));
        return (key, $"{name} {role.ToString().ToLowerInvariant()} {Convert.ToHexStringLower(HashOf(key))}");
    }

    /// <summary>Whose key it is, or null. Takes as long for any key.</summary>
    public Caller? Find(string key)
    {
        byte[] hash = HashOf(key);
        Caller? caller = null;
        foreach (var known in _keys)
        {
            if (CryptographicOperations.FixedTimeEquals(known.Hash, hash))
                caller = new Caller(known.Name, known.Role, NeedsKey: true);
        }
        return caller;
    }

    private static (string, GridRole, byte[]) Parse(string[] words, string place)
    {
        if (words is not [var name, var roleText, var hashText])
            throw new BadInputException(place, $"{words.Length} words", "NAME ROLE SHA256");
        CheckName($"{place}, name", name);
        var role = roleText switch
        {
            "read" => GridRole.Read,
            "write" => GridRole.Write,
            _ => throw new BadInputException($"{place}, role", roleText, "read or write"),
        };
        if (hashText.Length != 2 * SHA256.HashSizeInBytes || !hashText.All(char.IsAsciiHexDigit))
            throw new BadInputException($"{place}, hash", $"{hashText.Length} characters", "64 hexadecimal digits");
        return (name, role, Convert.FromHexString(hashText));
    }

    private static void CheckName(string field, string name)
    {
        if (name.Length is 0 or > 64 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_'))
            throw new BadInputException(field, name, "1 to 64 letters, digits, dots, hyphens and underscores");
    }

    private static byte[] HashOf(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
