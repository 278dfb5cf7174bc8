// Written by scripts/compile-contracts.ts from contracts/ZoneEscrow.sol. Do not edit.

/** Is the ABI of `ZoneEscrow`. */
export const zoneEscrowAbi = [
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "token_",
        "type": "address"
      },
      {
        "internalType": "address",
        "name": "treasury_",
        "type": "address"
      },
      {
        "internalType": "address[]",
        "name": "recoverers",
        "type": "address[]"
      }
    ],
    "stateMutability": "nonpayable",
    "type": "constructor"
  },
  {
    "inputs": [],
    "name": "AlreadyDeposited",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "AlreadyDisputed",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "AlreadyRecovered",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "CreatorFeeTooHigh",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "DeadlinePassed",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "bytes32",
        "name": "escrowId",
        "type": "bytes32"
      }
    ],
    "name": "EscrowInUse",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "enum ZoneEscrow.Status",
        "name": "status",
        "type": "uint8"
      }
    ],
    "name": "EscrowNotHeld",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "InsufficientGas",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "surplus",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "amount",
        "type": "uint256"
      }
    ],
    "name": "InsufficientSurplus",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "InvalidAmount",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "InvalidArbiter",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "InvalidEscrowDeadline",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "InvalidPayee",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "InvalidRecoverer",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "InvalidShortString",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "InvalidSignature",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "token",
        "type": "address"
      }
    ],
    "name": "InvalidToken",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "InvalidTreasury",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "caller",
        "type": "address"
      }
    ],
    "name": "NotAllowed",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "caller",
        "type": "address"
      }
    ],
    "name": "NotRecoverer",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "NotUsed",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "NothingToClaim",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "ReentrancyGuardReentrantCall",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "token",
        "type": "address"
      }
    ],
    "name": "SafeERC20FailedOperation",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "string",
        "name": "str",
        "type": "string"
      }
    ],
    "name": "StringTooLong",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "expected",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "received",
        "type": "uint256"
      }
    ],
    "name": "TokenShortfall",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "WrongChain",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "WrongContract",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "WrongKind",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "WrongMode",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "WrongRequest",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "WrongToken",
    "type": "error"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "address",
        "name": "owner",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "amount",
        "type": "uint256"
      }
    ],
    "name": "Claimed",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "bytes32",
        "name": "escrowId",
        "type": "bytes32"
      },
      {
        "indexed": true,
        "internalType": "address",
        "name": "depositor",
        "type": "address"
      },
      {
        "indexed": true,
        "internalType": "address",
        "name": "recipient",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "bytes32",
        "name": "nonce",
        "type": "bytes32"
      },
      {
        "indexed": false,
        "internalType": "bytes32",
        "name": "zoneKey",
        "type": "bytes32"
      },
      {
        "indexed": false,
        "internalType": "bytes32",
        "name": "taskId",
        "type": "bytes32"
      },
      {
        "indexed": false,
        "internalType": "address",
        "name": "creator",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "uint16",
        "name": "creatorFeeBps",
        "type": "uint16"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "amount",
        "type": "uint256"
      },
      {
        "indexed": false,
        "internalType": "uint64",
        "name": "deadline",
        "type": "uint64"
      },
      {
        "indexed": false,
        "internalType": "address",
        "name": "arbiter",
        "type": "address"
      }
    ],
    "name": "Deposited",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "bytes32",
        "name": "escrowId",
        "type": "bytes32"
      },
      {
        "indexed": true,
        "internalType": "address",
        "name": "by",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "uint64",
        "name": "deadline",
        "type": "uint64"
      }
    ],
    "name": "Disputed",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [],
    "name": "EIP712DomainChanged",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "bytes32",
        "name": "nonce",
        "type": "bytes32"
      },
      {
        "indexed": true,
        "internalType": "address",
        "name": "payer",
        "type": "address"
      },
      {
        "indexed": true,
        "internalType": "bytes32",
        "name": "escrowId",
        "type": "bytes32"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "amount",
        "type": "uint256"
      }
    ],
    "name": "Recovered",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "address",
        "name": "from",
        "type": "address"
      },
      {
        "indexed": true,
        "internalType": "address",
        "name": "to",
        "type": "address"
      }
    ],
    "name": "RecovererChanged",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "bytes32",
        "name": "escrowId",
        "type": "bytes32"
      },
      {
        "indexed": true,
        "internalType": "address",
        "name": "by",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "amount",
        "type": "uint256"
      }
    ],
    "name": "Refunded",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "bytes32",
        "name": "escrowId",
        "type": "bytes32"
      },
      {
        "indexed": true,
        "internalType": "address",
        "name": "by",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "recipientAmount",
        "type": "uint256"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "protocolFee",
        "type": "uint256"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "creatorFee",
        "type": "uint256"
      }
    ],
    "name": "Released",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "bytes32",
        "name": "nonce",
        "type": "bytes32"
      },
      {
        "indexed": true,
        "internalType": "address",
        "name": "payer",
        "type": "address"
      },
      {
        "indexed": true,
        "internalType": "bytes32",
        "name": "escrowId",
        "type": "bytes32"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "amount",
        "type": "uint256"
      }
    ],
    "name": "Returned",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "address",
        "name": "owner",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "amount",
        "type": "uint256"
      }
    ],
    "name": "ShareHeld",
    "type": "event"
  },
  {
    "inputs": [],
    "name": "AUTHORIZATION_GAS",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "CREATOR_FEE_BPS_MAX",
    "outputs": [
      {
        "internalType": "uint16",
        "name": "",
        "type": "uint16"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "DISPUTE_EXTENSION",
    "outputs": [
      {
        "internalType": "uint64",
        "name": "",
        "type": "uint64"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "DISPUTE_TYPEHASH",
    "outputs": [
      {
        "internalType": "bytes32",
        "name": "",
        "type": "bytes32"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "DOMAIN_SEPARATOR",
    "outputs": [
      {
        "internalType": "bytes32",
        "name": "",
        "type": "bytes32"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "PAYOUT_GAS",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "PROTOCOL_FEE_BPS",
    "outputs": [
      {
        "internalType": "uint16",
        "name": "",
        "type": "uint16"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "RELEASE_TYPEHASH",
    "outputs": [
      {
        "internalType": "bytes32",
        "name": "",
        "type": "bytes32"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "TERMS_TYPEHASH",
    "outputs": [
      {
        "internalType": "bytes32",
        "name": "",
        "type": "bytes32"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "WALLET_AUTHORIZATION_GAS",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "claim",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "owner",
        "type": "address"
      }
    ],
    "name": "claimable",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "components": [
          {
            "components": [
              {
                "internalType": "uint256",
                "name": "chainId",
                "type": "uint256"
              },
              {
                "internalType": "address",
                "name": "verifyingContract",
                "type": "address"
              },
              {
                "internalType": "address",
                "name": "token",
                "type": "address"
              },
              {
                "internalType": "bytes32",
                "name": "zoneKey",
                "type": "bytes32"
              },
              {
                "internalType": "bytes32",
                "name": "requestKey",
                "type": "bytes32"
              },
              {
                "internalType": "address",
                "name": "recipient",
                "type": "address"
              },
              {
                "internalType": "address",
                "name": "creator",
                "type": "address"
              },
              {
                "internalType": "uint16",
                "name": "creatorFeeBps",
                "type": "uint16"
              },
              {
                "internalType": "uint256",
                "name": "amount",
                "type": "uint256"
              },
              {
                "internalType": "uint8",
                "name": "mode",
                "type": "uint8"
              },
              {
                "internalType": "uint64",
                "name": "deadline",
                "type": "uint64"
              },
              {
                "internalType": "bytes32",
                "name": "salt",
                "type": "bytes32"
              }
            ],
            "internalType": "struct Terms",
            "name": "base",
            "type": "tuple"
          },
          {
            "internalType": "uint64",
            "name": "escrowDeadline",
            "type": "uint64"
          },
          {
            "internalType": "address",
            "name": "arbiter",
            "type": "address"
          }
        ],
        "internalType": "struct EscrowTerms",
        "name": "terms",
        "type": "tuple"
      },
      {
        "components": [
          {
            "internalType": "bytes32",
            "name": "nodeKey",
            "type": "bytes32"
          },
          {
            "internalType": "bytes32",
            "name": "taskId",
            "type": "bytes32"
          },
          {
            "internalType": "bytes32",
            "name": "contentKey",
            "type": "bytes32"
          }
        ],
        "internalType": "struct RequestParts",
        "name": "request",
        "type": "tuple"
      },
      {
        "components": [
          {
            "internalType": "address",
            "name": "from",
            "type": "address"
          },
          {
            "internalType": "uint256",
            "name": "validAfter",
            "type": "uint256"
          },
          {
            "internalType": "uint8",
            "name": "kind",
            "type": "uint8"
          },
          {
            "internalType": "uint8",
            "name": "v",
            "type": "uint8"
          },
          {
            "internalType": "bytes32",
            "name": "r",
            "type": "bytes32"
          },
          {
            "internalType": "bytes32",
            "name": "s",
            "type": "bytes32"
          },
          {
            "internalType": "bytes",
            "name": "signature",
            "type": "bytes"
          }
        ],
        "internalType": "struct Authorization",
        "name": "auth",
        "type": "tuple"
      }
    ],
    "name": "deposit",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "bytes32",
        "name": "escrowId",
        "type": "bytes32"
      }
    ],
    "name": "dispute",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "bytes32",
        "name": "escrowId",
        "type": "bytes32"
      },
      {
        "internalType": "address",
        "name": "party",
        "type": "address"
      },
      {
        "internalType": "bytes",
        "name": "signature",
        "type": "bytes"
      }
    ],
    "name": "disputeWithSignature",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "eip712Domain",
    "outputs": [
      {
        "internalType": "bytes1",
        "name": "fields",
        "type": "bytes1"
      },
      {
        "internalType": "string",
        "name": "name",
        "type": "string"
      },
      {
        "internalType": "string",
        "name": "version",
        "type": "string"
      },
      {
        "internalType": "uint256",
        "name": "chainId",
        "type": "uint256"
      },
      {
        "internalType": "address",
        "name": "verifyingContract",
        "type": "address"
      },
      {
        "internalType": "bytes32",
        "name": "salt",
        "type": "bytes32"
      },
      {
        "internalType": "uint256[]",
        "name": "extensions",
        "type": "uint256[]"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "depositor",
        "type": "address"
      },
      {
        "internalType": "bytes32",
        "name": "taskId",
        "type": "bytes32"
      }
    ],
    "name": "escrowIdOf",
    "outputs": [
      {
        "internalType": "bytes32",
        "name": "",
        "type": "bytes32"
      }
    ],
    "stateMutability": "pure",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "bytes32",
        "name": "escrowId",
        "type": "bytes32"
      }
    ],
    "name": "escrowOf",
    "outputs": [
      {
        "components": [
          {
            "internalType": "address",
            "name": "depositor",
            "type": "address"
          },
          {
            "internalType": "enum ZoneEscrow.Status",
            "name": "status",
            "type": "uint8"
          },
          {
            "internalType": "uint16",
            "name": "creatorFeeBps",
            "type": "uint16"
          },
          {
            "internalType": "uint64",
            "name": "deadline",
            "type": "uint64"
          },
          {
            "internalType": "address",
            "name": "recipient",
            "type": "address"
          },
          {
            "internalType": "bytes12",
            "name": "nonceTag",
            "type": "bytes12"
          },
          {
            "internalType": "uint256",
            "name": "amount",
            "type": "uint256"
          },
          {
            "internalType": "address",
            "name": "creator",
            "type": "address"
          },
          {
            "internalType": "address",
            "name": "arbiter",
            "type": "address"
          }
        ],
        "internalType": "struct ZoneEscrow.Escrow",
        "name": "",
        "type": "tuple"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "to",
        "type": "address"
      }
    ],
    "name": "handOverRecoverer",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "from",
        "type": "address"
      },
      {
        "internalType": "bytes32",
        "name": "nonce",
        "type": "bytes32"
      }
    ],
    "name": "isRecovered",
    "outputs": [
      {
        "internalType": "bool",
        "name": "",
        "type": "bool"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "account",
        "type": "address"
      }
    ],
    "name": "isRecoverer",
    "outputs": [
      {
        "internalType": "bool",
        "name": "",
        "type": "bool"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "components": [
          {
            "components": [
              {
                "internalType": "uint256",
                "name": "chainId",
                "type": "uint256"
              },
              {
                "internalType": "address",
                "name": "verifyingContract",
                "type": "address"
              },
              {
                "internalType": "address",
                "name": "token",
                "type": "address"
              },
              {
                "internalType": "bytes32",
                "name": "zoneKey",
                "type": "bytes32"
              },
              {
                "internalType": "bytes32",
                "name": "requestKey",
                "type": "bytes32"
              },
              {
                "internalType": "address",
                "name": "recipient",
                "type": "address"
              },
              {
                "internalType": "address",
                "name": "creator",
                "type": "address"
              },
              {
                "internalType": "uint16",
                "name": "creatorFeeBps",
                "type": "uint16"
              },
              {
                "internalType": "uint256",
                "name": "amount",
                "type": "uint256"
              },
              {
                "internalType": "uint8",
                "name": "mode",
                "type": "uint8"
              },
              {
                "internalType": "uint64",
                "name": "deadline",
                "type": "uint64"
              },
              {
                "internalType": "bytes32",
                "name": "salt",
                "type": "bytes32"
              }
            ],
            "internalType": "struct Terms",
            "name": "base",
            "type": "tuple"
          },
          {
            "internalType": "uint64",
            "name": "escrowDeadline",
            "type": "uint64"
          },
          {
            "internalType": "address",
            "name": "arbiter",
            "type": "address"
          }
        ],
        "internalType": "struct EscrowTerms",
        "name": "terms",
        "type": "tuple"
      }
    ],
    "name": "nonceOf",
    "outputs": [
      {
        "internalType": "bytes32",
        "name": "",
        "type": "bytes32"
      }
    ],
    "stateMutability": "pure",
    "type": "function"
  },
  {
    "inputs": [
      {
        "components": [
          {
            "components": [
              {
                "internalType": "uint256",
                "name": "chainId",
                "type": "uint256"
              },
              {
                "internalType": "address",
                "name": "verifyingContract",
                "type": "address"
              },
              {
                "internalType": "address",
                "name": "token",
                "type": "address"
              },
              {
                "internalType": "bytes32",
                "name": "zoneKey",
                "type": "bytes32"
              },
              {
                "internalType": "bytes32",
                "name": "requestKey",
                "type": "bytes32"
              },
              {
                "internalType": "address",
                "name": "recipient",
                "type": "address"
              },
              {
                "internalType": "address",
                "name": "creator",
                "type": "address"
              },
              {
                "internalType": "uint16",
                "name": "creatorFeeBps",
                "type": "uint16"
              },
              {
                "internalType": "uint256",
                "name": "amount",
                "type": "uint256"
              },
              {
                "internalType": "uint8",
                "name": "mode",
                "type": "uint8"
              },
              {
                "internalType": "uint64",
                "name": "deadline",
                "type": "uint64"
              },
              {
                "internalType": "bytes32",
                "name": "salt",
                "type": "bytes32"
              }
            ],
            "internalType": "struct Terms",
            "name": "base",
            "type": "tuple"
          },
          {
            "internalType": "uint64",
            "name": "escrowDeadline",
            "type": "uint64"
          },
          {
            "internalType": "address",
            "name": "arbiter",
            "type": "address"
          }
        ],
        "internalType": "struct EscrowTerms",
        "name": "terms",
        "type": "tuple"
      },
      {
        "components": [
          {
            "internalType": "bytes32",
            "name": "nodeKey",
            "type": "bytes32"
          },
          {
            "internalType": "bytes32",
            "name": "taskId",
            "type": "bytes32"
          },
          {
            "internalType": "bytes32",
            "name": "contentKey",
            "type": "bytes32"
          }
        ],
        "internalType": "struct RequestParts",
        "name": "request",
        "type": "tuple"
      },
      {
        "components": [
          {
            "internalType": "address",
            "name": "from",
            "type": "address"
          },
          {
            "internalType": "uint256",
            "name": "validAfter",
            "type": "uint256"
          },
          {
            "internalType": "uint8",
            "name": "kind",
            "type": "uint8"
          },
          {
            "internalType": "uint8",
            "name": "v",
            "type": "uint8"
          },
          {
            "internalType": "bytes32",
            "name": "r",
            "type": "bytes32"
          },
          {
            "internalType": "bytes32",
            "name": "s",
            "type": "bytes32"
          },
          {
            "internalType": "bytes",
            "name": "signature",
            "type": "bytes"
          }
        ],
        "internalType": "struct Authorization",
        "name": "auth",
        "type": "tuple"
      }
    ],
    "name": "recover",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "bytes32",
        "name": "escrowId",
        "type": "bytes32"
      }
    ],
    "name": "refund",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "bytes32",
        "name": "escrowId",
        "type": "bytes32"
      }
    ],
    "name": "release",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "bytes32",
        "name": "escrowId",
        "type": "bytes32"
      },
      {
        "internalType": "bytes",
        "name": "signature",
        "type": "bytes"
      }
    ],
    "name": "releaseWithSignature",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "reserved",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "amount",
        "type": "uint256"
      },
      {
        "internalType": "uint16",
        "name": "creatorFeeBps",
        "type": "uint16"
      }
    ],
    "name": "split",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "protocolFee",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "creatorFee",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "recipientAmount",
        "type": "uint256"
      }
    ],
    "stateMutability": "pure",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "surplus",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "token",
    "outputs": [
      {
        "internalType": "contract IERC20",
        "name": "",
        "type": "address"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "treasury",
    "outputs": [
      {
        "internalType": "address",
        "name": "",
        "type": "address"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  }
] as const;

/** Is the creation code of `ZoneEscrow`, without constructor arguments. */
export const zoneEscrowBytecode =
  "0x6101a080604052346103985761407a803803809161001d82856103db565b833981019060608183031261039857610035816103fe565b90610042602082016103fe565b604082015190916001600160401b03821161039857019280601f85011215610398578351936001600160401b0385116103c7578460051b906040519561008b60208401886103db565b865260208087019282010192831161039857602001905b8282106103af57505050604051916100bb6040846103db565b600a835260208301695a6f6e65457363726f7760b01b8152604051926100e26040856103db565b600184526020840192603160f81b8452803b151580610338575b15610318576001600160a01b038216801515908161030d575b50156102fe576001600160a01b031660805260a0525f5b85518110156101c6576001600160a01b036101478288610412565b5116156101b7576001906001600160a01b036101638289610412565b51165f52600260205260405f208260ff19825416179055818060a01b0361018a8289610412565b51165f7f68f9b3ef432a6c60aa72ce39d3b80201b88ba706d57b73f50a5c3f1f1477c12d8180a30161012c565b633b3dd07960e11b5f5260045ffd5b50836101d18161043a565b610160526101de8461043a565b6101805251902091826101205251902080610140524660e0526040519060208201927f8b73c3c69bb8fe3d512ecc4cf759cc79239f7b179b0ffacaa9a75d522b39400f8452604083015260608201524660808201523060a082015260a0815261024860c0826103db565b51902060c0523061010052604051613bd490816104a6823960805181818161038a01528181610eb0015281816113b901528181611a2601528181611d83015281816127980152818161297b015281816130a501528181613303015261377d015260a051818181610dad01526131a6015260c05181612dfe015260e05181612eb501526101005181612dcf01526101205181612e4d01526101405181612e730152610160518161084d015261018051816108760152f35b6302979eb960e31b5f5260045ffd5b90503014155f610115565b63961c9a4f60e01b5f9081526001600160a01b0391909116600452602490fd5b50604051633644e51560e01b81526020816004816001600160a01b0386165afa9081156103a4575f9161036e575b5015156100fc565b90506020813d60201161039c575b81610389602093836103db565b8101031261039857515f610366565b5f80fd5b3d915061037c565b6040513d5f823e3d90fd5b602080916103bc846103fe565b8152019101906100a2565b634e487b7160e01b5f52604160045260245ffd5b601f909101601f19168101906001600160401b038211908210176103c757604052565b51906001600160a01b038216820361039857565b80518210156104265760209160051b010190565b634e487b7160e01b5f52603260045260245ffd5b601f815111610465576020815191015160208210610456571790565b5f198260200360031b1b161790565b604460209160405192839163305a27a960e01b83528160048401528051918291826024860152018484015e5f828201840152601f01601f19168101030190fdfe6080806040526004361015610012575f80fd5b5f3560e01c9081630902df911461177357508063138885651461173b57806318c2d5ba1461170057806322f06ae414611698578063284d2d681461164057806332eaf5921461160557806335405b04146112865780633644e5151461124e578063365d08fe146110855780633aa369871461102d578063402914f514610fcb5780634e71d92d14610e1e57806356d4c40614610dd157806361d027b314610d6357806367d42a8b14610cb95780637249fbb614610b8957806383a265a71461094957806384b0196e1461081757806398aa711a146107f8578063994b3848146107be5780639a44da83146107835780639ae63c4614610716578063a22d1654146106b8578063add98c701461065d578063afaca29f14610552578063b40b784114610517578063be378228146104de578063ef597cd8146103ae578063fc0c546a14610340578063fcce3d45146101b05763fe60d12c14610171575f80fd5b346101ac575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101ac576020600154604051908152f35b5f80fd5b346101ac5760607ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101ac5760043560243573ffffffffffffffffffffffffffffffffffffffff811681036101ac5760443567ffffffffffffffff81116101ac576102256102e59136906004016118fb565b6102309291926123b5565b6102de61023c86612edb565b936102508661024b8188613470565b611cdc565b6102d660405160208101907fde6fed69f392f34c6f00b23dbb7aef0e3618fd49e623c495a382637539d50468825289604082015260408152610293606082611962565b51902061029e612db8565b604291604051917f19010000000000000000000000000000000000000000000000000000000000008352600283015260228201522090565b923691612351565b90846135dd565b15610318576102f3926134bb565b5f7f9b779b17422d0df92223018b32b4d1fa46e071723d6817e2486d003becc55f005d005b7f8baa579f000000000000000000000000000000000000000000000000000000005f5260045ffd5b346101ac575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101ac57602060405173ffffffffffffffffffffffffffffffffffffffff7f0000000000000000000000000000000000000000000000000000000000000000168152f35b346101ac5760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101ac5773ffffffffffffffffffffffffffffffffffffffff6103fa6117c9565b6104026136e4565b16801515806104c7575b1561049f57335f52600260205260405f207fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff008154169055805f52600260205260405f2060017fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff00825416179055337f68f9b3ef432a6c60aa72ce39d3b80201b88ba706d57b73f50a5c3f1f1477c12d5f80a3005b7f767ba0f2000000000000000000000000000000000000000000000000000000005f5260045ffd5b50805f52600260205260ff60405f2054161561040c565b346101ac575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101ac576020604051600a8152f35b346101ac575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101ac57602060405162093a808152f35b346101ac5760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101ac5760043560243567ffffffffffffffff81116101ac576105a49036906004016118fb565b6105ac6123b5565b61064f6105b884612edb565b916102de73ffffffffffffffffffffffffffffffffffffffff60018501541660028501546040519060208201927f7b759f75ab600e6c2075dd7cbdbce1b8383feb2c480645159918a9cacef5b7c78452896040840152606083015260808201526080815261062760a082611962565b519020946102d673ffffffffffffffffffffffffffffffffffffffff8654169661029e612db8565b15610318576102f392612f8b565b346101ac5760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101ac576102f360043561069a6123b5565b6106a381612edb565b6106b13361024b3384613470565b33916134bb565b346101ac5760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101ac576106fb6106f26117c9565b60243590613438565b5f526003602052602060ff60405f2054166040519015158152f35b346101ac5760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101ac5760243561ffff811681036101ac5761076261077f916004356122a5565b604080519384526020840192909252908201529081906060820190565b0390f35b346101ac575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101ac57602060405162030d408152f35b346101ac575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101ac57602060405161012c8152f35b346101ac576102f36108093661180d565b916108126123b5565b611d26565b346101ac575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101ac576108ed6108717f0000000000000000000000000000000000000000000000000000000000000000613923565b61089a7f0000000000000000000000000000000000000000000000000000000000000000613923565b60206108fb604051926108ad8385611962565b5f84525f3681376040519586957f0f00000000000000000000000000000000000000000000000000000000000000875260e08588015260e08701906118b8565b9085820360408701526118b8565b4660608501523060808501525f60a085015283810360c08501528180845192838152019301915f5b82811061093257505050500390f35b835185528695509381019392810192600101610923565b346101ac5760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101ac575f61010060405161098881611929565b8281528260208201528260408201528260608201528260808201528260a08201528260c08201528260e082015201526004355f52600660205260405f206040516109d181611929565b815473ffffffffffffffffffffffffffffffffffffffff8116825260ff8160a01c1660208301906005811015610b5c5781526040830161ffff8360a81c16815267ffffffffffffffff606085019360b81c168352600185015494608085019373ffffffffffffffffffffffffffffffffffffffff871685527fffffffffffffffffffffffff000000000000000000000000000000000000000060a087019716875260028201549060c0870191825273ffffffffffffffffffffffffffffffffffffffff6004816003860154169460e08a0195865201541694610100880195865273ffffffffffffffffffffffffffffffffffffffff604051985116885251976005891015610b5c5773ffffffffffffffffffffffffffffffffffffffff809767ffffffffffffffff7fffffffffffffffffffffffff00000000000000000000000000000000000000009461ffff84996101209e60208f0152511660408d0152511660608b015251166080890152511660a08701525160c0860152511660e08401525116610100820152f35b7f4e487b71000000000000000000000000000000000000000000000000000000005f52602160045260245ffd5b346101ac5760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101ac576102f3600435610bc66123b5565b73ffffffffffffffffffffffffffffffffffffffff610be482612edb565b8160018201541633148015610ca1575b8015610c8c575b610c06903390611cdc565b600281015492740300000000000000000000000000000000000000007fffffffffffffffffffffff00ffffffffffffffffffffffffffffffffffffffff835416178255610c55846001546119a3565b600155604051908482527ff552ca82e113ac3c539c3d617f29fcd19c172a0c75dad017555c9e109f7fe18360203393a3541661327c565b50610c06610c9a3383612f47565b9050610bfb565b5067ffffffffffffffff815460b81c16421015610bf4565b346101ac5760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101ac576102f3600435610cf66123b5565b610cff81612edb565b610d093382612f47565b80610d4c575b610d3d9073ffffffffffffffffffffffffffffffffffffffff8354163314908115610d44575b503390611cdc565b3391612f8b565b905085610d35565b50805460b81c67ffffffffffffffff164210610d0f565b346101ac575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101ac57602060405173ffffffffffffffffffffffffffffffffffffffff7f0000000000000000000000000000000000000000000000000000000000000000168152f35b346101ac5760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101ac576020610e16610e0d6117c9565b60243590611c97565b604051908152f35b346101ac575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101ac57610e546123b5565b335f525f60205260405f20548015610fa357335f525f6020525f6040812055610e7f816001546119a3565b6001556040518181527fd8138f8a3f377c5259ca548e70e4c2de94f129f5a11036a15b69513cba2b426a60203392a27f000000000000000000000000000000000000000000000000000000000000000090604051907fa9059cbb000000000000000000000000000000000000000000000000000000005f523360045260245260205f60448180865af19060015f5114821615610f83575b5015610f41575f7f9b779b17422d0df92223018b32b4d1fa46e071723d6817e2486d003becc55f005d005b73ffffffffffffffffffffffffffffffffffffffff907f5274afe7000000000000000000000000000000000000000000000000000000005f521660045260245ffd5b6001821516610f9b5750813b15153d15161682610f16565b3d5f823e3d90fd5b7f969bf728000000000000000000000000000000000000000000000000000000005f5260045ffd5b346101ac5760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101ac5773ffffffffffffffffffffffffffffffffffffffff6110176117c9565b165f525f602052602060405f2054604051908152f35b346101ac575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101ac5760206040517fafd6845bbdce4b83f4b1807a2aeefb09fd701c220616c39b08898738e0ef0f468152f35b346101ac576101c07ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101ac57604051602081017fafd6845bbdce4b83f4b1807a2aeefb09fd701c220616c39b08898738e0ef0f468152600435604083015260243573ffffffffffffffffffffffffffffffffffffffff81168091036101ac57606083015260443573ffffffffffffffffffffffffffffffffffffffff81168091036101ac57608083015260643560a083015260843560c083015260a43573ffffffffffffffffffffffffffffffffffffffff81168091036101ac5760e083015260c43573ffffffffffffffffffffffffffffffffffffffff81168091036101ac5761010083015260e43561ffff81168091036101ac57610120830152610104356101408301526101243560ff81168091036101ac576101608301526101443567ffffffffffffffff81168091036101ac57610180830152610164356101a08301526101843567ffffffffffffffff81168091036101ac576101c08301526101a4359173ffffffffffffffffffffffffffffffffffffffff83168093036101ac576020926101e08201526101e0815261124361020082611962565b519020604051908152f35b346101ac575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101ac576020610e16612db8565b346101ac576112943661180d565b9161129d6123b5565b6112a8838383612437565b61014081019167ffffffffffffffff6112c084611aa6565b164210156115dd5767ffffffffffffffff6112de6101808401611aa6565b164210156115b5576112fe60206112f486611abb565b9201358092611c97565b91825f52600660205260ff60405f205460a01c166005811015610b5c576115895761132881611af1565b936040519061133682611946565b5f825260208201905f82525f604084015260608301606081525f608085015267ffffffffffffffff60011161155c576040805191906113758184611962565b600183527fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0013660208401375273ffffffffffffffffffffffffffffffffffffffff7f000000000000000000000000000000000000000000000000000000000000000016906040517f70a08231000000000000000000000000000000000000000000000000000000008152306004820152602081602481865afa908115611517575f9161152a575b50835261143a8861143361010088013593611aa6565b838c612630565b90156115225750602492916020918552604051938480927f70a082310000000000000000000000000000000000000000000000000000000082523060048301525afa908115611517575f916114e1575b611496925051906119a3565b90518082106114b35750506114ad6102f395611abb565b92612a20565b7f4115a76c000000000000000000000000000000000000000000000000000000005f5260045260245260445ffd5b90506020823d60201161150f575b816114fc60209383611962565b810103126101ac5761149691519061148a565b3d91506114ef565b6040513d5f823e3d90fd5b602081519101fd5b90506020813d602011611554575b8161154560209383611962565b810103126101ac57518a61141d565b3d9150611538565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52604160045260245ffd5b827fe8954db1000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b7fd01be38e000000000000000000000000000000000000000000000000000000005f5260045ffd5b7f70f65caa000000000000000000000000000000000000000000000000000000005f5260045ffd5b346101ac575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101ac5760206040516203d0908152f35b346101ac575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101ac5760206040517fde6fed69f392f34c6f00b23dbb7aef0e3618fd49e623c495a382637539d504688152f35b346101ac5760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101ac5773ffffffffffffffffffffffffffffffffffffffff6116e46117c9565b165f526002602052602060ff60405f2054166040519015158152f35b346101ac575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101ac576020604051620f42408152f35b346101ac575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101ac576020610e166119dd565b346101ac575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101ac57807f7b759f75ab600e6c2075dd7cbdbce1b8383feb2c480645159918a9cacef5b7c760209252f35b6004359073ffffffffffffffffffffffffffffffffffffffff821682036101ac57565b359073ffffffffffffffffffffffffffffffffffffffff821682036101ac57565b7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc810161024081126101ac576101c0136101ac5760049160607ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe3c8301126101ac576101c491610224359067ffffffffffffffff82116101ac577ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc8260e0920301126101ac5760040190565b907fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0601f602080948051918291828752018686015e5f8582860101520116010190565b9181601f840112156101ac5782359167ffffffffffffffff83116101ac57602083818601950101116101ac57565b610120810190811067ffffffffffffffff82111761155c57604052565b60a0810190811067ffffffffffffffff82111761155c57604052565b90601f7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0910116810190811067ffffffffffffffff82111761155c57604052565b919082039182116119b057565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52601160045260245ffd5b6040517f70a0823100000000000000000000000000000000000000000000000000000000815230600482015260208160248173ffffffffffffffffffffffffffffffffffffffff7f0000000000000000000000000000000000000000000000000000000000000000165afa908115611517575f91611a74575b5060015480821115611a6e57611a6b916119a3565b90565b50505f90565b90506020813d602011611a9e575b81611a8f60209383611962565b810103126101ac57515f611a56565b3d9150611a82565b3567ffffffffffffffff811681036101ac5790565b3573ffffffffffffffffffffffffffffffffffffffff811681036101ac5790565b359067ffffffffffffffff821682036101ac57565b60405160208101917fafd6845bbdce4b83f4b1807a2aeefb09fd701c220616c39b08898738e0ef0f4683528035604083015273ffffffffffffffffffffffffffffffffffffffff611b44602083016117ec565b16606083015273ffffffffffffffffffffffffffffffffffffffff611b6b604083016117ec565b166080830152606081013560a0830152608081013560c083015273ffffffffffffffffffffffffffffffffffffffff611ba660a083016117ec565b1660e083015273ffffffffffffffffffffffffffffffffffffffff611bcd60c083016117ec565b1661010083015260e081013561ffff811681036101ac5761ffff166101208301526101008101356101408301526101208101359060ff82168092036101ac576101a0611c799173ffffffffffffffffffffffffffffffffffffffff9361016086015267ffffffffffffffff611c456101408301611adc565b166101808601526101608101358286015267ffffffffffffffff611c6c6101808301611adc565b166101c0860152016117ec565b166101e08201526101e08152611c9161020082611962565b51902090565b90604051907fffffffffffffffffffffffffffffffffffffffff000000000000000000000000602083019360601b168352603482015260348152611c91605482611962565b15611ce45750565b73ffffffffffffffffffffffffffffffffffffffff907ffa5cd00f000000000000000000000000000000000000000000000000000000005f521660045260245ffd5b9091611d33818484612437565b611d3c82611af1565b9061010083013592611d516101408201611aa6565b611d596136e4565b60ff611d6760408501612429565b1661227d5773ffffffffffffffffffffffffffffffffffffffff7f00000000000000000000000000000000000000000000000000000000000000001690611e0a602086611db387611abb565b60405193849283927fe94a0102000000000000000000000000000000000000000000000000000000008452600484016020909392919373ffffffffffffffffffffffffffffffffffffffff60408201951681520152565b0381865afa908115611517575f91612242575b501561221a576020600491611e3186611abb565b9067ffffffffffffffff6040519173ffffffffffffffffffffffffffffffffffffffff858401947f7c7c6cdb67a18743f49ec6fa9b35f50d52ed05cbed4cc592e13b44501c1a226786521660408401523060608401528a60808401528489013560a08401521660c08201528760e082015260e08152611eb261010082611962565b51902092604051928380927f3644e5150000000000000000000000000000000000000000000000000000000082525afa908115611517575f916121e6575b50611f6a91611f3191604291604051917f19010000000000000000000000000000000000000000000000000000000000008352600283015260228201522090565b60c08401611f3f81866125df565b15905061218257611f53611f5a91866125df565b3691612351565b905b611f6585611abb565b6135dd565b1561031857611f8183611f7c84611abb565b613438565b805f52600360205260ff60405f20541661215a575f52600360205260405f2060017fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff00825416179055611fd16119dd565b84811061212a5750611ff16020611fe784611abb565b9601358096611c97565b94855f52600660205260405f209160ff835460a01c166005811015610b5c57156120cc575050600101547fffffffffffffffffffffffff00000000000000000000000000000000000000008084169116146120a4576120a29361209d9273ffffffffffffffffffffffffffffffffffffffff61206c84611abb565b16907f64da223510093c90825231e39be6cbf32f81ad12c122519d22b9f29dffe0db0f6020604051888152a4611abb565b61327c565b565b7fd5a82115000000000000000000000000000000000000000000000000000000005f5260045ffd5b915091808685966120a298967f6e4a8bb2fadfc0a01b32eed2a63f02d9d0bc691288b11f0ac79ee79e43068d65602073ffffffffffffffffffffffffffffffffffffffff61211c6114ad98611abb565b1693604051908152a4611abb565b84907f89667c1f000000000000000000000000000000000000000000000000000000005f5260045260245260445ffd5b7f3e493100000000000000000000000000000000000000000000000000000000005f5260045ffd5b5061218f60608501612429565b7fff00000000000000000000000000000000000000000000000000000000000000604051916080870135602084015260a0870135604084015260f81b166060820152604181526121e0606182611962565b90611f5c565b90506020813d602011612212575b8161220160209383611962565b810103126101ac5751611f6a611ef0565b3d91506121f4565b7f06b04889000000000000000000000000000000000000000000000000000000005f5260045ffd5b90506020813d602011612275575b8161225d60209383611962565b810103126101ac575180151581036101ac575f611e1d565b3d9150612250565b7f35a08a07000000000000000000000000000000000000000000000000000000005f5260045ffd5b9061ffff169161012c831161232957612710820492600a840290848204600a14851517156119b057612710840691600a830290838204600a14841517156119b057611a6b9361271061231561230361231c94836123249704906125d2565b9561230f81889c6125bf565b936125bf565b04906125d2565b9182956119a3565b6119a3565b7fa94a61dc000000000000000000000000000000000000000000000000000000005f5260045ffd5b92919267ffffffffffffffff821161155c5760405191612399601f82017fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe01660200184611962565b8294818452818301116101ac578281602093845f960137010152565b7f9b779b17422d0df92223018b32b4d1fa46e071723d6817e2486d003becc55f005c6124015760017f9b779b17422d0df92223018b32b4d1fa46e071723d6817e2486d003becc55f005d565b7f3ee5aeb5000000000000000000000000000000000000000000000000000000005f5260045ffd5b3560ff811681036101ac5790565b91907fffffffff0000000000000000000000000000000000000000000000000000000061246f61246960408501612429565b85613727565b16806125a25750604051604060208201928035845260208101358284015201356060820152606081526124a3608082611962565b51902060808301350361257a5767fffffffffff6c57f67ffffffffffffffff6124cf6101808501611aa6565b16116115b5576101a082019173ffffffffffffffffffffffffffffffffffffffff8061250660a06124ff87611abb565b9401611abb565b16911614159182612543575b50501561251b57565b7ff0318500000000000000000000000000000000000000000000000000000000005f5260045ffd5b73ffffffffffffffffffffffffffffffffffffffff91925061256e6125688392611abb565b93611abb565b16911614155f80612512565b7fb1b6320c000000000000000000000000000000000000000000000000000000005f5260045ffd5b60405160208101918252600481526125bb602482611962565b5190fd5b818102929181159184041417156119b057565b919082018092116119b057565b9035907fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe1813603018212156101ac570180359067ffffffffffffffff82116101ac576020019181360383136101ac57565b929190915f91600160ff61264660408801612429565b16149160c086019261265884886125df565b90501561288e5715612867577f88b7ab6300000000000000000000000000000000000000000000000000000000955b61269081611abb565b9361269b90826125df565b9384939192604051988997602089019b8c5273ffffffffffffffffffffffffffffffffffffffff166024890152306044890152606488015260200135608487015267ffffffffffffffff1660a486015260c485015260e4840160e0905281610104850152610124840137828183016101240152601f017fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe016810103610124017fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0810183526127699083611962565b5a908061283a5750620fa75111612812575f91829151908273ffffffffffffffffffffffffffffffffffffffff7f000000000000000000000000000000000000000000000000000000000000000016620f4240f1903d916101008311612808575b60207fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0601f60405195808752805f8589013e01168401016040529190565b61010092506127ca565b7f1c26714c000000000000000000000000000000000000000000000000000000005f5260045ffd5b807f4e487b7100000000000000000000000000000000000000000000000000000000602492526011600452fd5b7fcf0929950000000000000000000000000000000000000000000000000000000095612687565b60a0945060ff9295919693505f146129ea577fef55bec600000000000000000000000000000000000000000000000000000000955b67ffffffffffffffff6128d585611abb565b966128e260608701612429565b9373ffffffffffffffffffffffffffffffffffffffff6040519960208b019b8c521660248a01523060448a01526064890152602086013560848901521660a487015260c48601521660e484015260808101356101048401520135610124820152610124815261295361014482611962565b620407205a10612812575f91829151908273ffffffffffffffffffffffffffffffffffffffff7f0000000000000000000000000000000000000000000000000000000000000000166203d090f1903d9161010083116128085760207fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0601f60405195808752805f8589013e01168401016040529190565b7fe3ee160e00000000000000000000000000000000000000000000000000000000956128c3565b3561ffff811681036101ac5790565b91939293612a356101008301356001546125d2565b600155612a4460e08301612a11565b612a516101808401611aa6565b612a5d60a08501611abb565b90612a6a60c08601611abb565b90612a786101a08701611abb565b9260405194612a8686611929565b73ffffffffffffffffffffffffffffffffffffffff8b16865260208601926001845261ffff604088019216825267ffffffffffffffff606088019116815273ffffffffffffffffffffffffffffffffffffffff608088019316835260a08701917fffffffffffffffffffffffff00000000000000000000000000000000000000008c16835260c08801946101008b0135865273ffffffffffffffffffffffffffffffffffffffff60e08a019716875273ffffffffffffffffffffffffffffffffffffffff6101008a01981688528b5f52600660205273ffffffffffffffffffffffffffffffffffffffff8060405f209a5116167fffffffffffffffffffffffff00000000000000000000000000000000000000008a5416178955516005811015610b5c578854915192517effffffffffffffff000000000000000000000000000000000000000000000060b89190911b1660a89390931b76ffff0000000000000000000000000000000000000000001660a09190911b74ff0000000000000000000000000000000000000000167fff0000000000000000000000ffffffffffffffffffffffffffffffffffffffff9092169190911717178655905190517fffffffffffffffffffffffff000000000000000000000000000000000000000090811673ffffffffffffffffffffffffffffffffffffffff92831617600187015591516002860155915160038501805483169184169190911790559151600490930180549092169216919091179055612cbf60a08301611abb565b91612ccc60c08201611abb565b90612cd960e08201612a11565b612ce66101808301611aa6565b92612cf46101a08401611abb565b94604051988952606084013560208a0152604089015273ffffffffffffffffffffffffffffffffffffffff16606088015261ffff166080870152610100013560a086015267ffffffffffffffff1660c085015273ffffffffffffffffffffffffffffffffffffffff1660e084015273ffffffffffffffffffffffffffffffffffffffff169273ffffffffffffffffffffffffffffffffffffffff16916101007fa956d835d8b3fb02e8f991791bfea5cb8528d887272879b3cb256a55440806e591a4565b73ffffffffffffffffffffffffffffffffffffffff7f000000000000000000000000000000000000000000000000000000000000000016301480612eb2575b15612e20577f000000000000000000000000000000000000000000000000000000000000000090565b60405160208101907f8b73c3c69bb8fe3d512ecc4cf759cc79239f7b179b0ffacaa9a75d522b39400f82527f000000000000000000000000000000000000000000000000000000000000000060408201527f000000000000000000000000000000000000000000000000000000000000000060608201524660808201523060a082015260a08152611c9160c082611962565b507f00000000000000000000000000000000000000000000000000000000000000004614612df7565b5f52600660205260405f209060ff825460a01c16600581108015610b5c57600182148015612f3d575b15612f0d575050565b7ff192d024000000000000000000000000000000000000000000000000000000005f5215610b5c5760045260245ffd5b5060048214612f04565b9060ff825460a01c166005811015610b5c576004149182612f6757505090565b6004015473ffffffffffffffffffffffffffffffffffffffff918216911614919050565b929091600283015493740200000000000000000000000000000000000000007fffffffffffffffffffffff00ffffffffffffffffffffffffffffffffffffffff855416178455612fdd856001546119a3565b60015560405190612fed82611946565b5f825260208201925f84525f604084015260608301966060885260808401965f885267ffffffffffffffff60031161155c57604051608061302e8183611962565b600382527fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe00136602083013789526040517f70a0823100000000000000000000000000000000000000000000000000000000815230600482015260208160248173ffffffffffffffffffffffffffffffffffffffff7f0000000000000000000000000000000000000000000000000000000000000000165afa908115611517575f91613240575b509261319b7f1d8b97f28111bbd8a667665505c07e3a9c97dfe48e29a99240f52af94f8d441c9361317b73ffffffffffffffffffffffffffffffffffffffff948998976131cb9b52612324613176876001840154169461232461314761ffff8b600388015416965460a81c16836122a5565b919e8f9582809b939961315b8885516125d2565b845261316b8960408601516125d2565b604085015283613a66565b613a66565b966040519485941697846040919493926060820195825260208201520152565b0390a36040810151907f000000000000000000000000000000000000000000000000000000000000000090613a66565b5f5b825181101561323a578061323473ffffffffffffffffffffffffffffffffffffffff6131fc60019488516138e2565b5116805f527f43b5be5d1a6dd352fcf5f199656b88ca5cc4737f0b75fc04c78996444651bbe860205260405f20905f825c925d61327c565b016131cd565b50915050565b92949390506020833d602011613274575b8161325e60209383611962565b810103126101ac5791519293919261319b6130d5565b3d9150613251565b906040519173ffffffffffffffffffffffffffffffffffffffff60208401917fa9059cbb0000000000000000000000000000000000000000000000000000000083521692836024820152826044820152604481526132db606482611962565b620340b65a10612812575f91829151908273ffffffffffffffffffffffffffffffffffffffff7f00000000000000000000000000000000000000000000000000000000000000001662030d40f13d610100811161342f575b60405181815260207fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0601f82840194805f873e0116820101604052826133d1575b50506133cd5760207fbffd8b1dfcb7a7737e8625fea2ec3068c42704659c5b62688d25d1f9c25fa93391835f525f825260405f206133b38282546125d2565b90556133c1816001546125d2565b600155604051908152a2565b5050565b51801592509082156133e7575b50505f80613374565b600192505190602081106133ff575b50145f806133de565b7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff9060200360031b1b165f6133f6565b50610100613333565b6040805173ffffffffffffffffffffffffffffffffffffffff9290921660208301908152828201939093528152611c91606082611962565b9073ffffffffffffffffffffffffffffffffffffffff80835416911690811491821561349b57505090565b6001015473ffffffffffffffffffffffffffffffffffffffff1614919050565b90805460ff8160a01c166005811015610b5c576001036135b55767ffffffffffffffff9060b81c16804210156115dd5762093a80019267ffffffffffffffff84116119b05781547fff0000000000000000ffff00ffffffffffffffffffffffffffffffffffffffff1660b885901b7effffffffffffffff0000000000000000000000000000000000000000000000161774040000000000000000000000000000000000000000179091557f8bf8d3bc1ba6404430c84ed1ad9486a05f837dc6ec0e1a14b7eb65f21cea21b89060209073ffffffffffffffffffffffffffffffffffffffff9067ffffffffffffffff604051961686521693a3565b7f09dd1236000000000000000000000000000000000000000000000000000000005f5260045ffd5b6135e7838361397a565b506004811015610b5c571590816136c1575b506136b957803b15159182613610575b5050905090565b5f925060647fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0601f866020975190604051957f1626ba7e00000000000000000000000000000000000000000000000000000000875260048701526040602487015288820190604487015e86848287010152011601915afa7f1626ba7e000000000000000000000000000000000000000000000000000000005f5114601f3d111616805f80613609565b505050600190565b905073ffffffffffffffffffffffffffffffffffffffff8083169116145f6135f9565b335f52600260205260ff60405f205416156136fb57565b7f7fa08c88000000000000000000000000000000000000000000000000000000005f523360045260245ffd5b90468235036138bc5761373c60208301611abb565b73ffffffffffffffffffffffffffffffffffffffff309116036138965761376560408301611abb565b73ffffffffffffffffffffffffffffffffffffffff807f00000000000000000000000000000000000000000000000000000000000000001691160361387057600160ff6137b56101208501612429565b160361384a5760ff6001911611613825576101008101351561380057806137e160a0611a6b9301611abb565b906137fa60e06137f360c08401611abb565b9201612a11565b916139b4565b507f2c5211c60000000000000000000000000000000000000000000000000000000090565b507f35a08a070000000000000000000000000000000000000000000000000000000090565b50507f2a580d6d0000000000000000000000000000000000000000000000000000000090565b50507fa0f3feea0000000000000000000000000000000000000000000000000000000090565b50507fd348b9b00000000000000000000000000000000000000000000000000000000090565b50507f10dfc0330000000000000000000000000000000000000000000000000000000090565b80518210156138f65760209160051b010190565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52603260045260245ffd5b60ff811690601f8211613952576040519161393f604084611962565b6020808452838101919036833783525290565b7fb3512b0c000000000000000000000000000000000000000000000000000000005f5260045ffd5b81519190604183036139aa576139a39250602082015190606060408401519301515f1a90613b1a565b9192909190565b50505f9160029190565b909161ffff169061012c8211613a3f576139cd90613ba9565b15613a195715159081613a08575b506139e4575f90565b7fb387a2380000000000000000000000000000000000000000000000000000000090565b613a129150613ba9565b155f6139db565b50507fb387a2380000000000000000000000000000000000000000000000000000000090565b5050507fa94a61dc0000000000000000000000000000000000000000000000000000000090565b908215613b155773ffffffffffffffffffffffffffffffffffffffff1691825f527f43b5be5d1a6dd352fcf5f199656b88ca5cc4737f0b75fc04c78996444651bbe860205260405f2092835c908115613ac9575b50613ac592506125d2565b905d565b60806060850151940180517fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff81146119b057613ac595613b0e926001830190526138e2565b525f613aba565b505050565b91907f7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a08411613b9e579160209360809260ff5f9560405194855216868401526040830152606082015282805260015afa15611517575f5173ffffffffffffffffffffffffffffffffffffffff811615613b9457905f905f90565b505f906001905f90565b5050505f9160039190565b73ffffffffffffffffffffffffffffffffffffffff168015159081613bcc575090565b90503014159056" as const;

/** Is keccak256 of the runtime code of `ZoneEscrow` before its immutables are filled in. */
export const zoneEscrowRuntimeHash =
  "0x1ec2b3dca07836024adb83f378fbb7ef16fafc35e88047002514ee59b1921751" as const;
